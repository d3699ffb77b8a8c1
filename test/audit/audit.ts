import { readJournal } from './journal.ts';
import { judge } from './judge.ts';
import { readBank, readSchools } from './raw-books.ts';
import { readDatabases } from './raw-databases.ts';
import { readTopics } from './raw-topics.ts';
import type { Report } from './report.ts';

export type AuditOptions = {
  /** Addresses of brokers, separated by commas. */
  brokers: string;
  mongoUrl: string;
  /** What stands before every topic, group and database; empty for none. */
  namespace: string;
  journalFile: string;
  /** The core bank's own file, and the schools'. */
  bankFile: string;
  schoolsFile: string;
};

/** Reads journal, databases, log and the books of bank and schools, and says what is wrong. Shares no code with what it audits. */
export const audit = async ({ brokers, mongoUrl, namespace, journalFile, bankFile, schoolsFile }: AuditOptions): Promise<Report> => {
  const journal = await readJournal(journalFile);
  const nowMs = Date.now();
  // Databases first: what is asked again meanwhile is then in the log, and not the other way round.
  const databases = await readDatabases(mongoUrl, namespace);
  const topics = await readTopics(brokers, namespace);
  const bank = await readBank(bankFile);
  const schools = await readSchools(schoolsFile);
  return judge({ journal, ...topics, ...databases, bank, schools, nowMs });
};
