/** 王小明 becomes 王*明, 李雷 becomes 李*, for screens and facts that must not carry a clear name. */
export const maskedName = (name: string): string => {
  const characters = [...name.trim()];
  const first = characters[0] ?? '';
  const last = characters.length > 2 ? characters[characters.length - 1] : '';
  return `${first}*${last}`;
};
