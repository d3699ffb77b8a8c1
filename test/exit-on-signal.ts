/**
 * A process that a signal kills runs no listener of its exit, and would leave the engines and services that it started behind.
 * Workers of vitest may not call `process.exit`.
 */
const end = (): void => {
  process.emit('exit', 130);
  process.kill(process.pid, 'SIGKILL');
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
