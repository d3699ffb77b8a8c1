import { AppError } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { parseUntrustedJson } from '../src/index.ts';

const nested = (levels: number, open = '[', close = ']') => open.repeat(levels) + close.repeat(levels);

const codeOf = (bytes: Buffer): string => {
  try {
    parseUntrustedJson(bytes);
    return 'taken';
  } catch (error) {
    return error instanceof AppError ? `${error.status} ${error.code}` : String(error);
  }
};

test.each([
  '{"type":"a","data":{"name":"王小明","list":[1,2,{"b":null}],"constructor":"of roads","prototype":1}}',
  '{"text":"\\" [[[ {{{ : \\\\","proto":"__proto__"}',
  '{"text":"\\":"}',
  '[]',
  '"text: with a colon"',
  ' {"a" : {"a" : 1}, "b":{"a":2}} ',
  nested(32),
])('%j is taken as it is', (text) => expect(parseUntrustedJson(Buffer.from(text))).toEqual(JSON.parse(text)));

const notJson = '400 HTTP_NOT_JSON';

test.each([
  ['nothing', Buffer.from(''), notJson],
  ['words', Buffer.from('amount=1'), notJson],
  ['half an object', Buffer.from('{"a":'), notJson],
  ['an open text', Buffer.from('{"a":"b\\'), notJson],
  ['two values', Buffer.from('{} {}'), notJson],
  ['a byte order mark', Buffer.from('\ufeff{}'), notJson],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), notJson],
  ['UTF-16', Buffer.from('{}', 'utf16le'), notJson],
  ['GBK', Buffer.from([0x22, 0xd6, 0xd0, 0x22]), notJson],
  ['__proto__', Buffer.from('{"a":{"__proto__":{"admin":true}}}'), notJson],
  ['__proto__ in disguise', Buffer.from('{"\\u005f_proto__":{}}'), notJson],
  ['constructor.prototype', Buffer.from('{"constructor":{"prototype":{"admin":true}}}'), notJson],
  ['a name twice', Buffer.from('{"amountFen":1,"amountFen":100}'), notJson],
  ['a name twice in disguise', Buffer.from('{"a":{"b":1,"\\u0062":2}}'), notJson],
  ['33 arrays', Buffer.from(nested(33)), '400 HTTP_TOO_DEEP'],
  ['33 objects', Buffer.from(nested(33, '{"a":', '}')), '400 HTTP_TOO_DEEP'],
  ['a hundred thousand open brackets', Buffer.from('['.repeat(100_000)), '400 HTTP_TOO_DEEP'],
])('%s is refused', (_title, bytes, code) => expect(codeOf(bytes)).toBe(code));

test('a refusal does not quote what was sent', () => {
  try {
    parseUntrustedJson(Buffer.from('{"idNumber":11010519491231002X}'));
    expect.unreachable();
  } catch (error) {
    expect(JSON.stringify([error, (error as AppError).details, String((error as AppError).cause)])).not.toContain('11010519491231002X');
  }
});
