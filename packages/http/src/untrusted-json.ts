import { isUtf8 } from 'node:buffer';
import secureJson from 'secure-json-parse';
import { httpErrors } from './errors.ts';

const depthMax = 32;
const byteOrderMark = '\ufeff';

const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;
const opensArray = 0x5b;
const opensObject = 0x7b;
const closesArray = 0x5d;
const closesObject = 0x7d;

/** How many names the text gives, before anything is built from it; refuses nesting that would be costly later. */
const namesInText = (bytes: Buffer): number => {
  let names = 0;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    if (inString) {
      if (byte === backslash) at += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === colon) names += 1;
    else if (byte === opensObject || byte === opensArray) {
      depth += 1;
      if (depth > depthMax) throw httpErrors.TOO_DEEP({ detail: `at most ${depthMax} levels` });
    } else if (byte === closesObject || byte === closesArray) depth -= 1;
  }
  return names;
};

const namesInValue = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce((names: number, part) => names + namesInValue(part), 0);
  let names = 0;
  for (const name in value) names += 1 + namesInValue((value as Record<string, unknown>)[name]);
  return names;
};

const parse = (text: string): unknown => {
  try {
    return secureJson.parse(text, { protoAction: 'error', constructorAction: 'error' });
  } catch {
    throw httpErrors.NOT_JSON();
  }
};

/**
 * JSON that somebody else wrote, as a value: UTF-8 without a byte order mark, at most 32 levels, no `__proto__` and
 * no `constructor.prototype`, no name twice in one object, since two readers could take different ones (RFC 7493).
 * Throws HTTP_NOT_JSON or HTTP_TOO_DEEP, both 400; neither quotes the body.
 */
export const parseUntrustedJson = (bytes: Buffer): unknown => {
  if (!isUtf8(bytes)) throw httpErrors.NOT_JSON({ detail: 'the body is not UTF-8' });
  const names = namesInText(bytes);
  const text = bytes.toString('utf8');
  if (text.startsWith(byteOrderMark)) throw httpErrors.NOT_JSON({ detail: 'the body begins with a byte order mark' });
  const value = parse(text);
  if (namesInValue(value) !== names) throw httpErrors.NOT_JSON({ detail: 'a name stands twice in one object' });
  return value;
};
