import { createHash } from 'node:crypto';
import type { RawRecord } from './evidence.ts';

/** A fact as it first stood in the log. `data` is what the contract of its type says; who reads it knows which. */
export type Fact = { id: string; key: string; version: number; type: string; time: string; data: Record<string, unknown> };

/** Value and all headers as one digest. */
export const bytesOf = ({ value, headers }: RawRecord, without: readonly string[] = []): string => {
  const rest = Object.entries(headers).filter(([name]) => !without.includes(name));
  rest.sort(([left], [right]) => (left < right ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify(rest))
    .update(value ?? '')
    .digest('hex');
};

export const sha256 = (value: Buffer): string => createHash('sha256').update(value).digest('hex');

/** `cn.scenefi.campus.bill.billed.v1` → `campus.bill.billed`. */
const shortType = (ceType: string): string => ceType.replace(/^cn\.scenefi\./, '').replace(/\.v\d+$/, '');

export const jsonOf = ({ value }: RawRecord): Record<string, unknown> | undefined => {
  try {
    const parsed: unknown = JSON.parse((value ?? '').toString());
    return parsed !== null && typeof parsed === 'object' ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

const readFact = (record: RawRecord): Fact => {
  const { headers, key } = record;
  const id = headers.ce_id ?? '';
  return {
    id,
    key,
    version: Number(id.slice(id.lastIndexOf(':') + 1)),
    type: shortType(headers.ce_type ?? ''),
    time: headers.ce_time ?? '',
    data: jsonOf(record) ?? {},
  };
};

type Read = Pick<RawRecord, 'value' | 'headers'> & { fact: Fact };
const read = new WeakMap<RawRecord, Read>();

/** Every check reads the same records, so each is taken apart once, unless its bytes have changed. */
export const factOf = (record: RawRecord): Fact => {
  const { value, headers } = record;
  const before = read.get(record);
  if (before && before.value === value && before.headers === headers) return before.fact;
  const fact = readFact(record);
  read.set(record, { value, headers, fact });
  return fact;
};

/** Every fact once, as it first appeared, in the order of the log. */
export const firstAppearances = (records: readonly RawRecord[]): Fact[] => {
  const facts = new Map<string, Fact>();
  for (const record of records) {
    const id = record.headers.ce_id ?? '';
    if (!facts.has(id)) facts.set(id, factOf(record));
  }
  return [...facts.values()];
};

/** `payments.payment.recorded` → `recorded`. */
export const verbOf = ({ type }: Pick<Fact, 'type'>): string => type.slice(type.lastIndexOf('.') + 1);
