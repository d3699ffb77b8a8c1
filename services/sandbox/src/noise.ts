import { instantOf, shanghaiTime } from '@scenefi/kernel';
import type { SeededRandom } from './seeded-random.ts';
import type { PlannedNotice, Step } from './told-bill.ts';

/** What is wrong with a webhook that must be refused at the door. */
export const faults = [
  'malformed-json',
  'unknown-type',
  'broken-contract',
  'wrong-media-type',
  'wrong-signature',
  'altered-body',
  'stale-timestamp',
  'future-timestamp',
  'unknown-partner',
] as const;
export type Fault = (typeof faults)[number];

export type BadNotice = PlannedNotice & { fault: Fault };

/** How the sending of one bill is disturbed; none of it may change how the bill ends. */
export type Noise = {
  /** How often a notice is sent at the same moment; once where nothing is said. */
  copies: ReadonlyMap<PlannedNotice, number>;
  /** Notices that are sent again while later ones are under way. */
  stragglers: ReadonlySet<PlannedNotice>;
  /** Notices that are sent again at the very end, newly signed. */
  hoursOld: readonly PlannedNotice[];
  bad: readonly BadNotice[];
};

/** The first bills carry every kind of noise for certain, the others some of it by chance. */
const storms = 3;
const stormCopies = 50;

type AboutBill = { partnerId: string; billNo: string; index: number; steps: readonly Step[]; nowMs: number };

const strangerId = 'school-of-nobody';

/** A notice that would close the bill if it were believed. */
const badNotice = (fault: Fault, { partnerId, billNo, nowMs }: AboutBill, count: number): BadNotice => {
  const webhookId = `${billNo}-bad${count}`;
  const type = fault === 'unknown-type' ? 'campus.bill.vanished' : 'campus.bill.closed';
  const data = { billNo, reason: fault === 'broken-contract' ? '' : '未经许可' };
  const whole = JSON.stringify({ type, timestamp: shanghaiTime(instantOf(nowMs)), data });
  return {
    noticeId: `${fault === 'unknown-partner' ? strangerId : partnerId}:${webhookId}`,
    webhookId,
    type,
    body: fault === 'malformed-json' ? whole.slice(0, -2) : whole,
    fault,
  };
};

export const createNoise = (random: SeededRandom, about: AboutBill): Noise => {
  const notices = about.steps.flatMap((step) => step.notices);
  const copies = new Map<PlannedNotice, number>();
  for (const notice of notices) if (random.happens(0.12)) copies.set(notice, random.between(2, 4));
  if (about.index < storms) copies.set(notices[about.index % notices.length]!, stormCopies);
  const sure = faults[about.index];
  const fault = sure ?? (random.happens(0.1) ? random.pick(faults) : undefined);
  return {
    copies,
    stragglers: new Set(notices.filter(() => random.happens(0.1))),
    hoursOld: notices.filter(() => random.happens(about.index < 20 ? 0.5 : 0.1)),
    bad: fault ? [badNotice(fault, about, 1)] : [],
  };
};
