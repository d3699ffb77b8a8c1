import { answerOrders, type Timed } from './lanes.ts';

/** To read the topic from its beginning, as a group that nobody was before, until so many messages came. */
export type ReadOrder = { group: string; messages: number };
export type ReadReport = Timed & { messages: number };

/** Begins to read, tells of messages as they come, and gives what ends it once the offsets are committed. */
type Read = (group: string, came: (messages: number) => void) => Promise<() => Promise<void>>;

/** From the first batch, so that joining the group is not in it, to the last message. */
const timeReading = async (read: Read, { group, messages }: ReadOrder): Promise<ReadReport> => {
  const through = Promise.withResolvers<Timed>();
  let began: { atMs: number; cpu: NodeJS.CpuUsage } | undefined;
  let count = 0;
  const stop = await read(group, (more) => {
    began ??= { atMs: performance.now(), cpu: process.cpuUsage() };
    count += more;
    if (count < messages) return;
    const { user, system } = process.cpuUsage(began.cpu);
    through.resolve({ seconds: (performance.now() - began.atMs) / 1000, cpuMicros: user + system });
  });
  const used = await through.promise;
  await stop();
  return { messages: count, ...used };
};

/** Reads whenever the bench says so. */
export const readOnOrders = (read: Read): void =>
  answerOrders<ReadOrder>(
    (order) => timeReading(read, order),
    async () => undefined,
  );
