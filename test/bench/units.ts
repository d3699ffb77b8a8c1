import { billIds, noticeCeType } from '@scenefi/contracts';
import type { Unit } from '@scenefi/engine';
import { type AnyFact, instantOf } from '@scenefi/kernel';
import { systemClock, systemRandom } from '@scenefi/runtime';
import { bodyOf, type Notice } from './notices.ts';
import { partnerId } from './our-services.ts';

const traceparent = (): string => `00-${systemRandom.bytes(16).toString('hex')}-${systemRandom.bytes(8).toString('hex')}-01`;

/** A notice as ingress appends it. */
export const noticeUnit = (notice: Notice): Unit => {
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
        traceparent: traceparent(),
        classification: 'C2',
        subject: about,
        value: bodyOf(notice, Math.floor(systemClock.now() / 1000)),
      },
    ],
  };
};

type Told = {
  fact: AnyFact;
  /** Who owns it. */
  service: 'campus' | 'payments';
  version: number;
  /** The message that it follows from. */
  cause: string;
  data: unknown;
};

/** A fact as its owner publishes it. */
export const factUnit = ({ fact, service, version, cause, data }: Told): Unit => {
  const value = fact.write(data);
  const key = fact.key(value as never);
  return {
    topic: fact.topic,
    key,
    events: [
      {
        id: `${key}:${version}`,
        source: `/scenefi/${service}`,
        type: fact.ceType,
        time: instantOf(systemClock.now()),
        subject: key,
        sequence: String(version).padStart(10, '0'),
        correlationId: cause,
        causationId: cause,
        traceparent: traceparent(),
        classification: fact.classification,
        value: JSON.stringify(value),
      },
    ],
  };
};
