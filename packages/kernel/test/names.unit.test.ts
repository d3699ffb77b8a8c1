import { expect, test } from 'vitest';
import { maskedName } from '../src/names.ts';

test.each([
  ['王小明', '王*明'],
  ['李雷', '李*'],
  ['欧阳娜娜', '欧*娜'],
  ['买买提·艾力', '买*力'],
  ['王', '王*'],
  [' 王小明 ', '王*明'],
  ['𠮷野家', '𠮷*家'],
  ['𠮷田', '𠮷*'],
  ['', '*'],
])('%j is shown as %j', (name, masked) => {
  expect(maskedName(name)).toBe(masked);
});
