/** The schools that the start script gives credentials to; the sandbox itself takes whom the partners file names. */
export const schools = [
  { partnerId: 'school-xuefu', name: '杭州市学府路小学' },
  { partnerId: 'school-binjiang', name: '滨江区实验中学' },
  { partnerId: 'school-qingteng', name: '青藤双语幼儿园' },
  { partnerId: 'school-donghu', name: '东湖职业技术学院' },
] as const;
