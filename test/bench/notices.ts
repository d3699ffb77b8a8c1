import { hash } from 'node:crypto';

const schools = ['星河区实验小学', '临江第一中学', '北湖职业技术学院', '云栖外国语学校'];
const surnames = ['王', '李', '张', '刘', '陈', '欧阳', '诸葛', '赵'];
const givenNames = ['小明', '雨桐', '子轩', '欣怡', '浩然', '梓涵', '一诺', '嘉怡'];
const classes = ['一年级3班', '五年级12班', '高二(7)班', '2024级数控技术2班'];
const fees = [
  ['tuition', '学费'],
  ['boarding', '住宿费'],
  ['books', '教材及作业本费'],
  ['after-school', '课后延时服务费'],
] as const;

/** A number that looks like chance and is the same in every run. */
const drawn = (index: number, salt: string): number => hash('sha256', `${salt}${index}`, 'buffer').readUInt32BE(0);
const pick = <Item>(items: readonly Item[], index: number, salt: string): Item => items[drawn(index, salt) % items.length]!;

const itemsOf = (index: number) =>
  fees.slice(0, 2 + (drawn(index, 'items') % 3)).map(([itemNo, name]) => ({
    itemNo,
    name,
    amountFen: 10_000 + (drawn(index, itemNo) % 400_000),
    mandatory: true,
    quantityMax: 1,
  }));

export type Notice = { type: string; data: { billNo: string } & Record<string, unknown> };

/** A bill as a school writes it: 600 to 900 bytes when signed, one in four with a class name that is long in UTF-8. */
export const issuedNotice = (run: string, index: number): Notice => ({
  type: 'campus.bill.issued',
  data: {
    billNo: `${run}-${index}`,
    schoolName: pick(schools, index, 'school'),
    studentNo: `S2026${String(drawn(index, 'student') % 100_000).padStart(5, '0')}`,
    holderName: pick(surnames, index, 'surname') + pick(givenNames, index, 'given'),
    className: pick(classes, index, 'class'),
    title: run,
    items: itemsOf(index),
    selection: 'fixed',
    dueAt: '2099-09-30T23:59:59+08:00',
    payableAfterDue: index % 2 === 0,
  },
});

/** The counter's word that the same bill was paid in full. */
export const paidNotice = (run: string, index: number): Notice => ({
  type: 'campus.bill.paid',
  data: {
    billNo: `${run}-${index}`,
    paymentNo: `P-${run}-${index}`,
    amountFen: itemsOf(index).reduce((sum, { amountFen }) => sum + amountFen, 0),
    channel: 'counter',
    paidAt: '2026-09-01T10:00:00+08:00',
  },
});

export const bodyOf = ({ type, data }: Notice, timestampS: number): string =>
  JSON.stringify({ type, timestamp: new Date(timestampS * 1000).toISOString(), data });
