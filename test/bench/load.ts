import { quantile } from './measure.ts';
import { issuedNotice } from './notices.ts';
import { createSigning, openConnections, type Sender } from './signed-posts.ts';

/** Posts `requests` unique notices of the run over so many connections that stay open. */
export type LoadOrder = Sender & { run: string; requests: number; connections: number };
export type LoadReport = {
  accepted: number;
  statuses: Record<string, number>;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
  bodyBytes: number;
};

const load = async (order: LoadOrder): Promise<LoadReport> => {
  const { run, requests, port, connections } = order;
  const sign = createSigning(order);
  const prepared = Array.from({ length: requests }, (_, index) => ({ ...sign(`${run}-${index}`, issuedNotice(run, index)), sentAt: 0 }));
  const statuses: Record<string, number> = {};
  const latenciesMs: number[] = [];
  const done = Promise.withResolvers<void>();
  let sent = 0;
  const next = () => {
    const request = prepared[sent++];
    if (request) request.sentAt = performance.now();
    return request;
  };
  const took = ({ sentAt }: { sentAt: number }, status: string): void => {
    statuses[status] = (statuses[status] ?? 0) + 1;
    latenciesMs.push(performance.now() - sentAt);
    if (latenciesMs.length === requests) done.resolve();
  };
  const { wake, close } = await openConnections(port, connections, { next, took, failed: done.reject });
  const startedAt = performance.now();
  wake();
  await done.promise;
  const seconds = (performance.now() - startedAt) / 1000;
  close();
  const bodyBytes = prepared.reduce((sum, request) => sum + request.bodyBytes, 0) / requests;
  const times = { p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99) };
  return { accepted: statuses['202'] ?? 0, statuses, seconds, ...times, bodyBytes };
};

process.on('message', (order: LoadOrder) => {
  void load(order).then((report) => process.send!(report));
});
// A bench that was killed leaves nobody behind.
process.once('disconnect', () => process.exit(1));
process.once('SIGTERM', () => process.exit(0));
