import { type Link, openLink } from './link.ts';

/** The ways of one process to its engines: one to each broker, and one to the database. */
export type Links = { brokers: readonly Link[]; database: Link };

/** Opens a process's own ways. Brokers tell each other's addresses, so every way to one knows the ways to all. */
export const openLinks = async (brokers: readonly string[], databaseAddress: () => string): Promise<Links> => {
  const ways: Link[] = [];
  const renamed = () => brokers.map((from, index) => ({ from, to: ways[index]!.address }));
  for (const broker of brokers) ways.push(await openLink({ target: () => broker, renamed }));
  return { brokers: ways, database: await openLink({ target: databaseAddress }) };
};

export const allOf = ({ brokers, database }: Links): Link[] => [...brokers, database];
