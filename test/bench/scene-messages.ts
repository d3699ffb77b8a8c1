import { connectBus } from '@scenefi/bus';
import { billIds, noticeCeType } from '@scenefi/contracts';
import type { Unit } from '@scenefi/engine';
import { instantOf } from '@scenefi/kernel';
import { createLogger, createMetrics, systemClock, systemRandom } from '@scenefi/runtime';
import { bodyOf, type Notice } from './notices.ts';

const partnerId = 'xinghe-primary';
const unitsPerSend = 500;

/** A notice as ingress appends it. */
const unitOf = (notice: Notice): Unit => {
  const about = billIds.of(partnerId, notice.data.billNo);
  const id = `${partnerId}:${notice.type}-${notice.data.billNo}`;
  return {
    topic: 'campus.notice.v1',
    key: about,
    events: [
      {
        id,
        source: '/scenefi/ingress',
        type: noticeCeType('campus'),
        time: instantOf(systemClock.now()),
        correlationId: id,
        partnerId,
        traceparent: `00-${systemRandom.bytes(16).toString('hex')}-${systemRandom.bytes(8).toString('hex')}-01`,
        classification: 'C2',
        subject: about,
        value: bodyOf(notice, Math.floor(systemClock.now() / 1000)),
      },
    ],
  };
};

/** Creates the topics of a namespace and puts notices on the log as ingress would. */
export const openNotices = async (brokers: string, namespace: string, partitions: number) => {
  const bus = await connectBus({
    brokers: brokers.split(','),
    namespace,
    partitions,
    replication: 1,
    clientId: 'bench',
    clock: systemClock,
    random: systemRandom,
    logger: createLogger('bench', 'error'),
    meter: createMetrics('bench'),
    sendTimeoutMs: 20_000,
    sessionTimeoutMs: 30_000,
    tableRefreshMs: 60_000,
    crashed: (error) => {
      throw error;
    },
  });
  return {
    /** Prepared first, so that sending is short. */
    prepare: (notices: readonly Notice[]): (() => Promise<void>) => {
      const units = notices.map(unitOf);
      return async () => {
        for (let at = 0; at < units.length; at += unitsPerSend) await bus.log.send(units.slice(at, at + unitsPerSend));
      };
    },
    close: bus.close,
  };
};
