import type { Finding } from './findings.ts';
import { inQueue, isOfApp, type PaymentCase, pictureOf, saying } from './payment-cases.ts';

/** Refunds that the channel took, or that lie under the partner since it did not: neither is left to be decided about. */
const gone = ['completed', 'returned', 'recrediting', 'recredited'];

const leftFen = ({ document }: PaymentCase): number => {
  const { received, refunds = [] } = document?.state ?? {};
  return refunds.reduce((left, { status, amountFen }) => (gone.includes(status) ? left - amountFen : left), received?.amountFen ?? 0);
};

const checkOne = (one: PaymentCase): string[] => {
  const { paymentId, facts, document } = one;
  const { status, received, resolutions = [] } = document?.state ?? {};
  if (!received) return [];
  const problems: string[] = [];
  const waits = status === 'recorded' && received.allocation === 'suspense' && leftFen(one) > 0;
  if (waits !== inQueue(one, 'in-suspense'))
    problems.push(
      waits ? `payment ${paymentId} lies in suspense, and nobody is asked to decide` : `payment ${paymentId} calls people for nothing`,
    );
  const decided = resolutions.some(({ outcome }) => outcome === 'owed-to-partner');
  if (decided !== saying(facts, 'allocated').length > 0)
    problems.push(
      `payment ${paymentId} was ${decided ? 'not told' : 'told'} to be allocated, and people did ${decided ? '' : 'not '}say so`,
    );
  const told = facts.at(-1);
  if (told && pictureOf(told).allocation !== received.allocation)
    problems.push(`payment ${paymentId} is ${received.allocation} in the database and was told to be ${pictureOf(told).allocation}`);
  return problems;
};

/** Money that its bill did not ask for stands with people until they decide, or until nothing of it is left; and only they give it away. */
export const checkSuspense = (cases: ReadonlyMap<string, PaymentCase>): Finding[] =>
  [...cases.values()]
    .filter((one) => !isOfApp(one))
    .flatMap(checkOne)
    .map((problem) => ({ problem }));
