import { readJournal } from './journal.ts';
import { judge, type Report } from './judge.ts';
import { readDatabases } from './raw-databases.ts';
import { readTopics } from './raw-topics.ts';

export type AuditOptions = {
  /** Addresses of brokers, separated by commas. */
  brokers: string;
  mongoUrl: string;
  /** What stands before every topic, group and database; empty for none. */
  namespace: string;
  journalFile: string;
};

/** Reads journal, log and databases, and says what is wrong. Shares no code with what it audits. */
export const audit = async ({ brokers, mongoUrl, namespace, journalFile }: AuditOptions): Promise<Report> => {
  const journal = await readJournal(journalFile);
  const topics = await readTopics(brokers, namespace);
  const databases = await readDatabases(mongoUrl, namespace);
  return judge({ journal, ...topics, ...databases, nowMs: Date.now() });
};
