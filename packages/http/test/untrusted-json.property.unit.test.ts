import { AppError } from '@scenefi/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../../test/fuzz/runs.ts';
import { parseUntrustedJson } from '../src/index.ts';

type Fields = Record<string, unknown>;

const poison = (name: string, value: unknown): boolean =>
  name === '__proto__' || (name === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype'));

const poisoned = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(poisoned);
  return Object.entries(value).some(([name, field]) => poison(name, field) || poisoned(field));
};

/** Names that mean something to JavaScript come often. */
const name = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', ''), fc.string({ unit: 'binary' }));
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map((pairs): Fields => Object.fromEntries(pairs)),
  ),
}));

/** `taken` with the value, or the refusal; anything else that is thrown fails the property. */
const taken = (bytes: Buffer | string): { value: unknown } | { code: string } => {
  try {
    return { value: parseUntrustedJson(Buffer.from(bytes)) };
  } catch (error) {
    if (error instanceof AppError && error.status === 400) return { code: error.code };
    throw error;
  }
};

test('every JSON value comes through unchanged, and one with a poisoned name not at all', () => {
  fc.assert(
    fc.property(anyValue, fc.constantFrom(0, 1, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      if (poisoned(value)) expect(taken(text)).toEqual({ code: 'HTTP_NOT_JSON' });
      else expect(taken(text)).toEqual({ value: JSON.parse(text) });
    }),
    { ...runs, numRuns: 500 },
  );
});

test('a name that stands twice in one object is refused, however deep and however it is written', () => {
  const plain = anyValue.filter((value) => !poisoned(value));
  const escaped = (text: string): string =>
    [...Buffer.from(text, 'utf16le').swap16().toString('hex').matchAll(/.{4}/g)].map(([hex]) => `\\u${hex}`).join('');
  const twice = fc.record({
    name: name.filter((text) => text !== '__proto__' && text !== 'constructor'),
    first: plain,
    second: plain,
    disguised: fc.boolean(),
    depth: fc.nat({ max: 20 }),
  });
  fc.assert(
    fc.property(twice, ({ name, first, second, disguised, depth }) => {
      const again = disguised ? `"${escaped(name)}"` : JSON.stringify(name);
      const object = `{${JSON.stringify(name)}:${JSON.stringify(first)},"between ${name.length}":0,${again}:${JSON.stringify(second)}}`;
      expect(taken('[{"x":'.repeat(depth / 2) + object + '}]'.repeat(depth / 2))).toMatchObject({
        code: expect.stringMatching(/^HTTP_(NOT_JSON|TOO_DEEP)$/),
      });
    }),
    runs,
  );
});

test('nesting beyond 32 levels is refused before it can cost a stack', () => {
  const opening = fc.constantFrom('[', '{"a":', '[[', '[{"a":', '[1,', '{"a":1,"b":');
  fc.assert(
    fc.property(opening, fc.integer({ min: 33, max: 60_000 }), (open, times) => {
      expect(taken(open.repeat(times))).toEqual({ code: 'HTTP_TOO_DEEP' });
    }),
    { ...runs, numRuns: 50 },
  );
});

test('no bytes whatever make it throw anything but a refusal', () => {
  const snippet = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    '\\u',
    '00',
    '"a"',
    'null',
    '1e999',
    '-',
    '\ufeff',
    '__proto__',
    '\0',
  );
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.array(snippet, { maxLength: 40 }).map((parts) => Buffer.from(parts.join(''))),
  );
  fc.assert(
    fc.property(noise, (bytes) => {
      const answer = taken(bytes);
      if ('value' in answer) expect(answer.value).toEqual(JSON.parse(bytes.toString('utf8')));
      else expect(answer.code).toMatch(/^HTTP_(NOT_JSON|TOO_DEEP)$/);
    }),
    { ...runs, numRuns: 1_000 },
  );
});
