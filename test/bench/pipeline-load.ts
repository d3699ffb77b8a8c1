import { setTimeout as sleep } from 'node:timers/promises';
import { billIds } from '@scenefi/contracts';
import { quantile } from './measure.ts';
import { issuedNotice, type Notice, paidNotice } from './notices.ts';
import { createSigning, openConnections, type Sender } from './signed-posts.ts';
import { watchTopic } from './watch-topic.ts';

/**
 * Payments of bills that were issued before, each followed to its entry. Without `perSecond` so many are under way at a time,
 * and an entry lets the next one start: what comes out is what the slowest stage can do. With it they start by the clock.
 */
export type PipelineOrder = Sender & {
  /** First the bills are issued that are paid later; what is measured begins when that was answered. */
  phase: 'issue' | 'pay';
  brokers: string;
  entriesTopic: string;
  /** What an entry calls its bill: the id that our services make of the number, or the number itself. */
  billNames: 'ids' | 'numbers';
  run: string;
  seconds: number;
  rampSeconds: number;
  connections: number;
  underWay: number;
  perSecond?: number;
};
export type PipelineReport = {
  payments: number;
  posts: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  seconds: number;
};

/** So many bills stand issued before their payments come: a scene then finds its bill in the database, as in a school's year. */
const issuedAhead = 2_000;
const drainSecondsMax = 120;
const tickMs = 10;

type Post = { request: Buffer; bodyBytes: number };
type Ending = { endedMs: number; tookMs: number };
type Entered = (bill: string, timestampMs: number) => void;

const watched = new Map<string, Promise<void>>();
let entered: Entered = () => undefined;

const watchEntries = ({ brokers, entriesTopic }: PipelineOrder): Promise<void> => {
  const known = watched.get(entriesTopic);
  if (known) return known;
  const watch = watchTopic(brokers, entriesTopic, ({ value, timestampMs }) => {
    const { about } = JSON.parse(value.toString()) as { about: { payableId: string } };
    entered(about.payableId, timestampMs);
  });
  watched.set(entriesTopic, watch);
  return watch;
};

/** Money that reached the bank beside the app, which makes it a payment. */
const paidByCode = (run: string, index: number): Notice => {
  const { type, data } = paidNotice(run, index);
  return { type, data: { ...data, channel: 'aggregated-qr' } };
};

const openPosts = async (order: PipelineOrder) => {
  const sign = createSigning(order);
  const waiting: Post[] = [];
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  let at = 0;
  let answered = 0;
  const next = (): Post | undefined => {
    const post = waiting[at];
    if (post) at += 1;
    return post;
  };
  const took = (_post: Post, status: string): void => {
    answered += 1;
    if (status !== '202') failure.reject(new Error(`a notice was answered with ${status}`));
  };
  const { wake, close } = await openConnections<Post>(order.port, order.connections, { next, took, failed: failure.reject });
  const post = (name: string, notice: Notice): void => {
    waiting.push(sign(name, notice));
    wake();
  };
  const { run } = order;
  return {
    issue: (index: number): void => post(`${run}-i-${index}`, issuedNotice(run, index)),
    pay: (index: number): void => post(`${run}-p-${index}`, paidByCode(run, index)),
    answered: () => answered,
    sent: () => waiting.length,
    failure: failure.promise,
    close,
  };
};

const untilTrue = async (what: string, isTrue: () => boolean, secondsMax: number): Promise<void> => {
  const deadline = performance.now() + secondsMax * 1000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`${what} within ${secondsMax} s`);
    await sleep(tickMs);
  }
};

const prepared = new Map<string, Awaited<ReturnType<typeof openPosts>>>();

const issue = async (order: PipelineOrder): Promise<{ issued: number }> => {
  await watchEntries(order);
  const posts = await openPosts(order);
  prepared.set(order.run, posts);
  for (let index = 0; index < issuedAhead; index += 1) posts.issue(index);
  await Promise.race([untilTrue('the bills were not issued', () => posts.answered() === issuedAhead, drainSecondsMax), posts.failure]);
  return { issued: issuedAhead };
};

const pay = async (order: PipelineOrder): Promise<PipelineReport> => {
  const { partnerId, seconds, rampSeconds, underWay, perSecond } = order;
  const posts = prepared.get(order.run)!;
  const billOf = (index: number): string => {
    const billNo = `${order.run}-${index}`;
    return order.billNames === 'ids' ? billIds.of(partnerId, billNo) : billNo;
  };
  const started = new Map<string, number>();
  const endings: Ending[] = [];
  let payments = 0;
  const beganMs = Date.now();
  const endsMs = beganMs + seconds * 1000;
  const start = (atMs: number): void => {
    started.set(billOf(payments), atMs);
    posts.pay(payments);
    posts.issue(issuedAhead + payments);
    payments += 1;
  };
  entered = (bill, timestampMs) => {
    const startedMs = started.get(bill);
    if (startedMs === undefined) return;
    started.delete(bill);
    endings.push({ endedMs: timestampMs, tookMs: timestampMs - startedMs });
    if (perSecond === undefined && Date.now() < endsMs) start(Date.now());
  };
  const byTheClock = async (): Promise<void> => {
    for (let now = Date.now(); now < endsMs; now = Date.now()) {
      // Counted from when it was to start, so that a slow moment is not left out.
      while (payments < ((now - beganMs) / 1000) * perSecond!) start(beganMs + (payments / perSecond!) * 1000);
      await sleep(tickMs);
    }
  };
  const byEntries = async (): Promise<void> => {
    for (let index = 0; index < underWay; index += 1) start(Date.now());
    await sleep(endsMs - Date.now());
  };
  await Promise.race([perSecond === undefined ? byEntries() : byTheClock(), posts.failure]);
  await Promise.race([untilTrue('not every payment had its entry', () => started.size === 0, drainSecondsMax), posts.failure]);
  posts.close();
  const from = beganMs + rampSeconds * 1000;
  const steady = endings.filter(({ endedMs }) => endedMs >= from && endedMs < endsMs);
  const times = steady.map(({ tookMs }) => tookMs);
  return {
    payments,
    posts: posts.sent() - issuedAhead,
    perSecond: steady.length / (seconds - rampSeconds),
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    seconds: (Date.now() - beganMs) / 1000,
  };
};

process.on('message', (order: PipelineOrder) => {
  (order.phase === 'issue' ? issue(order) : pay(order)).then(
    (report) => process.send!(report),
    (error: unknown) => process.send!({ error: String(error) }),
  );
});
// A bench that was killed leaves nobody behind.
process.once('disconnect', () => process.exit(1));
process.once('SIGTERM', () => process.exit(0));
