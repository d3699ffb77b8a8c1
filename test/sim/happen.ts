import { type Blow, billOf, paymentOf, type Stimulus } from './course.ts';
import type { Scenery, Told } from './run.ts';

type Of<Kind extends Stimulus['kind']> = Extract<Stimulus, { kind: Kind }>;
type Acting = Omit<Scenery, 'told'> & { told: Told[] };

/** When schools say that something was; nothing depends on it. */
const saidAt = '2026-01-05T10:00:00+08:00';
const accountNo = '6200000000000001';

const notice = ({ world, callers }: Acting, { partnerId, billNo, noticeId, type, data }: Of<'notice'>): void => {
  world.say(() => `${noticeId} is sent: ${type} ${JSON.stringify(data)}`);
  void callers.post({ partnerId, billNo, noticeId, body: JSON.stringify({ type, timestamp: saidAt, data }) });
};

/** As the route of payments makes a command of a request. */
const pay = ({ callers, told }: Acting, stimulus: Of<'pay'>): void => {
  const { customerId, key, amountFen, otherBody, partnerId } = stimulus;
  const about = { scene: 'campus', partnerId, payableId: billOf(stimulus) };
  const content = { customerId, about, amountFen: otherBody ? amountFen + 1 : amountFen, payFrom: accountNo };
  const command = { type: 'Request', request: { ...content, stepUp: true } };
  const body = { ...content, idempotencyKey: key };
  const id = `app|${customerId}|payments|${key}`;
  const aggregateId = paymentOf(customerId, key);
  void callers
    .send({ service: 'payments', scene: 'payment', aggregateId, id, command, body })
    .then((ended) => void told.push({ stimulus, ended }));
};

/** As the route of campus answers a cashier: who asks for a bill that was not issued is sent away before any command. */
const cashier = ({ world, callers, told, cluster }: Acting, stimulus: Of<'cashier'>): void => {
  const { partnerId, billNo, requestId, releaseAfterMs } = stimulus;
  const aggregateId = billOf(stimulus);
  const bill = cluster.databases.campus!.majority('bills').get(aggregateId)?.state as { terms?: object } | undefined;
  if (!bill?.terms) return;
  const send = (type: string, request: string) => {
    const command: { type: string } = Object.assign({ type }, { leaseId: `lea_${requestId}`, billNo });
    return callers.send({ service: 'campus', scene: 'bill', aggregateId, id: `question|${partnerId}|${request}`, command, body: { type } });
  };
  void send('LeaseByCashier', requestId).then((ended) => {
    told.push({ stimulus, ended });
    if (releaseAfterMs === undefined || 'code' in ended) return;
    world.scheduler.at(world.scheduler.now() + releaseAfterMs, () => void send('ReleaseByCashier', `release-${requestId}`));
  });
};

/** Does one thing of the outside. */
export const act = (acting: Acting, stimulus: Stimulus): void => {
  if (stimulus.kind === 'notice') notice(acting, stimulus);
  if (stimulus.kind === 'pay') pay(acting, stimulus);
  if (stimulus.kind === 'cashier') cashier(acting, stimulus);
  if (stimulus.kind !== 'garbage') return;
  const { partnerId, billNo, value: body } = stimulus;
  void acting.callers.post({ partnerId, billNo, noticeId: `${partnerId}:garbage-${billNo}`, body });
};

const awayFor = ({ world }: Pick<Scenery, 'world'>, what: { away: boolean }, forMs: number): void => {
  const { scheduler, calmAtMs } = world;
  what.away = true;
  scheduler.at(Math.min(scheduler.now() + forMs, calmAtMs), () => {
    what.away = false;
  });
};

/** An old message stands on the log once more. */
const repeat = (
  { cluster: { broker } }: Pick<Scenery, 'cluster'>,
  { topic, partition, which }: Extract<Blow, { kind: 'repeat' }>,
): void => {
  const records = broker.records(topic, partition);
  const record = records[Math.floor(which * records.length)];
  if (record) broker.append(topic, partition, [{ ...record, key: record.key.toString() }]);
};

/** Has one thing befall the machines. */
export const strike = (scenery: Omit<Scenery, 'told'>, blow: Blow): void => {
  const { world, cluster, bank, schools } = scenery;
  world.say(() => `BLOW ${JSON.stringify(blow)}`);
  const away = { 'broker-away': cluster.broker, 'bank-away': bank, 'school-away': schools };
  switch (blow.kind) {
    case 'crash':
      cluster.crash(blow.process, blow.forMs);
      break;
    case 'stall':
      cluster.stall(blow.process, blow.forMs);
      break;
    case 'rebalance':
      cluster.broker.rebalance(blow.group);
      break;
    case 'failover':
      cluster.databases[blow.service]!.failover(blow.forMs);
      break;
    case 'database-away':
      awayFor(scenery, cluster.databases[blow.service]!, blow.forMs);
      break;
    case 'bug':
      cluster.release(blow);
      break;
    case 'repeat':
      repeat(scenery, blow);
      break;
    default:
      awayFor(scenery, away[blow.kind], blow.forMs);
  }
};
