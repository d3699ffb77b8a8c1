import mongoose from 'mongoose';
import type { Evidence, RawAggregate, RawBacklog, RawBalance, RawBill, RawEntry, RawMailbox, RawMovement } from './evidence.ts';

export type RawDatabases = Pick<Evidence, 'bills' | 'payments' | 'mailboxes' | 'customers' | 'entries' | 'balances' | 'backlogs'>;

const services = ['campus', 'payments', 'ledger', 'profiles', 'notifier'];
/** Large, and nothing that the auditor could read without our code. */
const unread = { recent: 0, out: 0 };

/** Reads the databases of all services whole, with the bare driver. */
export const readDatabases = async (mongoUrl: string, namespace: string): Promise<RawDatabases> => {
  const connection = await mongoose.createConnection(mongoUrl, { serverSelectionTimeoutMS: 10_000 }).asPromise();
  const prefix = namespace.replaceAll('.', '-');
  const all = async <Document>(service: string, collection: string): Promise<Document[]> => {
    const found = connection
      .getClient()
      .db(prefix + service)
      .collection(collection)
      .find({}, { projection: unread, readConcern: 'majority' });
    return (await found.toArray()) as unknown as Document[];
  };
  const backlogOf = async (service: string): Promise<RawBacklog> => ({
    service,
    letters: await all(service, 'dead_letters'),
    parked: await all(service, 'parked_messages'),
    heads: await all(service, 'parked_heads'),
  });
  try {
    const backlogs: RawBacklog[] = [];
    for (const service of services) backlogs.push(await backlogOf(service));
    return {
      bills: await all<RawBill>('campus', 'bills'),
      payments: await all<RawMovement>('payments', 'payments'),
      mailboxes: await all<RawMailbox>('notifier', 'mailboxes'),
      customers: await all<RawAggregate<unknown>>('profiles', 'customers'),
      entries: await all<RawEntry>('ledger', 'entries'),
      balances: await all<RawBalance>('ledger', 'balances'),
      backlogs,
    };
  } finally {
    await connection.close();
  }
};
