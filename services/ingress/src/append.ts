import { noticeCeType } from '@scenefi/contracts';
import type { Publisher, Unit } from '@scenefi/engine';
import { type Clock, instantOf, Outage, type Random, withDeadline } from '@scenefi/kernel';
import type { Notice, Webhook } from './admit.ts';
import { ingressErrors } from './errors.ts';

const validTraceparent = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const traceBytes = 24;
const tracesDrawn = 128;

/** New traces, drawn many at a time: one draw costs as much as everything else that is done to a notice. */
const createTraces = (random: Random): (() => string) => {
  let drawn = '';
  let at = 0;
  return () => {
    if (at === drawn.length) {
      drawn = random.bytes(traceBytes * tracesDrawn).toString('hex');
      at = 0;
    }
    const trace = drawn.slice(at, at + 32);
    const parent = drawn.slice(at + 32, at + traceBytes * 2);
    at += traceBytes * 2;
    return `00-${trace}-${parent}-01`;
  };
};

type AppendOptions = { publisher: Publisher; clock: Clock; random: Random; deadlineMs: number };

/**
 * Appends admitted notices to the log, byte for byte. Resolves once the broker has acknowledged;
 * throws INGRESS_NOT_ACKNOWLEDGED (503) when it did not within the deadline: then nobody knows, and the partner sends again.
 */
export const createAppend = ({ publisher, clock, random, deadlineMs }: AppendOptions) => {
  const newTrace = createTraces(random);

  /** The trace that the partner began (W3C Trace Context), or a new one. */
  const traceOf = (given: string): string => (validTraceparent.test(given) ? given : newTrace());

  const unitOf = ({ noticeId, contract, about }: Notice, { partnerId, traceparent, body }: Webhook): Unit => ({
    topic: contract.topic,
    key: about,
    events: [
      {
        id: noticeId,
        source: '/scenefi/ingress',
        type: noticeCeType(contract.scene),
        time: instantOf(clock.now()),
        correlationId: noticeId,
        partnerId,
        traceparent: traceOf(traceparent),
        classification: 'C2',
        subject: about,
        value: body,
      },
    ],
  });

  const deadline = { clock, ms: deadlineMs, late: () => ingressErrors.NOT_ACKNOWLEDGED({ reason: 'deadline' }) };
  const notTaken = (error: unknown): never => {
    throw error instanceof Outage ? ingressErrors.NOT_ACKNOWLEDGED({}, { cause: error }) : error;
  };

  return (notice: Notice, webhook: Webhook): Promise<void> =>
    withDeadline(publisher.publish(unitOf(notice, webhook)).catch(notTaken), deadline);
};
