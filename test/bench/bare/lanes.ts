export type Timed = { seconds: number; cpuMicros: number };

/** Runs lanes side by side, each of which writes one slice after the other, as the consumer of one partition does. */
export const timeLanes = async (lanes: readonly (() => Promise<void>)[]): Promise<Timed> => {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(lanes.map((lane) => lane()));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { seconds, cpuMicros: user + system };
};

/** Answers every order of the bench until the process is told to end. */
export const answerOrders = <Order>(write: (order: Order) => Promise<Timed>, close: () => Promise<void>): void => {
  process.on('message', (order: Order) => void write(order).then((report) => process.send!(report)));
  // A bench that was killed leaves nobody behind.
  process.once('disconnect', () => process.exit(1));
  process.once('SIGTERM', () => void close().then(() => process.exit(0)));
  process.send!({ ready: true });
};
