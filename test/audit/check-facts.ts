import { type Evidence, type RawRecord, type TopicRole, topicNames } from './evidence.ts';
import { bytesOf, factOf } from './facts.ts';
import type { Finding } from './findings.ts';

type Versioned = { _id: string; version: number };

/** Per aggregate the versions 1..n first appear in order, on one partition, and a repeat has the same bytes. */
const checkStream = (topic: string, records: readonly RawRecord[], documents: readonly Versioned[], readAtMs: number): Finding[] => {
  const findings: Finding[] = [];
  /** The versions as they stood when the databases began to be read: the topics are read after them. */
  const stood = new Map<string, number>();
  const bytes = new Map<string, string>();
  const reached = new Map<string, number>();
  const partitions = new Map<string, number>();
  for (const record of records) {
    const { id, key, version } = factOf(record);
    const at = `${topic} ${record.partition}:${record.offset}`;
    if (id !== `${key}:${version}` || record.headers.ce_sequence !== String(version).padStart(10, '0')) {
      findings.push({ problem: `${at}: the fact ${id} does not carry the version of ${key}` });
      continue;
    }
    if ((partitions.get(key) ?? record.partition) !== record.partition)
      findings.push({ problem: `${at}: ${key} stands on several partitions` });
    partitions.set(key, record.partition);
    const digest = bytesOf(record);
    const first = bytes.get(id);
    if (first !== undefined) {
      if (first !== digest) findings.push({ problem: `${at}: the fact ${id} came again with other bytes` });
      continue;
    }
    bytes.set(id, digest);
    const last = reached.get(key) ?? 0;
    if (version !== last + 1) findings.push({ problem: `${at}: the fact ${id} first appears after version ${last}: there is a gap` });
    reached.set(key, Math.max(last, version));
    if (Date.parse(record.headers.ce_time ?? '') < readAtMs) stood.set(key, reached.get(key)!);
  }
  for (const { _id, version } of documents) {
    const published = reached.get(_id) ?? 0;
    if (published < version || version < (stood.get(_id) ?? 0))
      findings.push({ problem: `${_id} is at version ${version} in the database, and its facts on ${topic} reach ${published}` });
  }
  const known = new Set(documents.map(({ _id }) => _id));
  for (const key of stood.keys())
    if (!known.has(key)) findings.push({ problem: `${topic} tells of ${key}, which the database does not know` });
  return findings;
};

/** A notice that is refused again is told again, at that repeat's time and in its trace; what is told stays the same. */
const toldAnew = ['ce_time', 'traceparent'];

const checkRefusals = (records: readonly RawRecord[]): Finding[] => {
  const bytes = new Map<string, string>();
  return records.flatMap((record): Finding[] => {
    const id = record.headers.ce_id ?? '';
    const digest = bytesOf(record, toldAnew);
    const first = bytes.get(id) ?? digest;
    bytes.set(id, first);
    return first === digest ? [] : [{ problem: `${topicNames.refusals}: the refusal ${id} came again with other words` }];
  });
};

/** The recorded facts as such, whoever's they are. */
export const checkFacts = ({ topics, bills, payments, entries, mailboxes, customers, nowMs }: Evidence): Finding[] => {
  const stream = (role: TopicRole, documents: readonly Versioned[]): Finding[] =>
    checkStream(topicNames[role], topics[role], documents, nowMs);
  return [
    ...stream('bills', bills),
    ...stream('payments', payments),
    ...stream(
      'entries',
      entries.map(({ _id }) => ({ _id, version: 1 })),
    ),
    ...stream('deliveries', mailboxes),
    ...stream('customers', customers),
    ...checkRefusals(topics.refusals),
  ];
};
