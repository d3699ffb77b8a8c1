import type { Unplanned } from './check-schools.ts';
import { type Evidence, type Plan, type RawLetter, type Refused, topicNames } from './evidence.ts';
import { factOf } from './facts.ts';
import { compareEffects, type Finding } from './findings.ts';

const words = (noticeId: string, code: string): string => `${noticeId} with ${code}`;
const noticeIdOf = ({ message }: RawLetter): string => message.headers.ce_id ?? '';

/** Plans whose ends are known, plans of which nothing can be said, and what schools said by themselves. */
export type Intended = { determined: readonly Plan[]; undetermined: readonly Plan[]; ownIds: ReadonlySet<string>; unplanned: Unplanned };

/** What the sender's journal has, and what schools said by themselves when they were told something. */
const sentBy = ({ sends }: Evidence['journal'], ownIds: ReadonlySet<string>): Set<string> =>
  new Set([...sends.map(({ noticeId }) => noticeId), ...ownIds]);

/** Dead letters of these notices, and those that no notice of any school can explain. */
const sortLetters = (
  { journal, backlogs }: Evidence,
  ownIds: ReadonlySet<string>,
): { own: RawLetter[]; unexplained: { service: string; letter: RawLetter }[] } => {
  const sent = sentBy(journal, ownIds);
  const all = backlogs.flatMap(({ service, letters }) => letters.map((letter) => ({ service, letter })));
  const isNotice = ({ service, letter }: (typeof all)[number]): boolean =>
    service === 'campus' && letter.message.topic.endsWith(topicNames.notices);
  return {
    own: all.filter((one) => isNotice(one) && sent.has(noticeIdOf(one.letter))).map(({ letter }) => letter),
    unexplained: all.filter((one) => !isNotice(one)),
  };
};

export const countDeadLetters = (evidence: Evidence, ownIds: ReadonlySet<string>): number => {
  const { own, unexplained } = sortLetters(evidence, ownIds);
  return own.length + unexplained.length;
};

type Compared = { expected: readonly Refused[]; concerns: (noticeId: string) => boolean };

const compare = ({ topics }: Evidence, letters: readonly RawLetter[], { expected, concerns }: Compared): Finding[] => {
  const wanted = expected.map(({ noticeId, code }) => words(noticeId, code));
  const found = letters.filter((letter) => concerns(noticeIdOf(letter))).map((letter) => words(noticeIdOf(letter), letter.code));
  const told = new Set(
    topics.refusals.flatMap((record): string[] => {
      const { noticeId, code } = factOf(record).data as { noticeId: string; code: string };
      return concerns(noticeId) ? [words(noticeId, code)] : [];
    }),
  );
  const copies = new Set(topics.deadNotices.map(({ headers }) => headers.ce_id));
  const uncopied = [...new Set(expected.map(({ noticeId }) => noticeId))].filter((noticeId) => !copies.has(noticeId));
  return [
    ...compareEffects('dead letters', wanted, found),
    ...compareEffects(`refusals on ${topicNames.refusals}`, wanted, [...told]),
    ...uncopied.map((noticeId) => ({ problem: `notice ${noticeId} is dead and has no copy on ${topicNames.deadNotices}` })),
  ];
};

/** Exactly the notices that had to be refused are dead letters, and the partner is told of each. */
export const checkDeadLetters = (evidence: Evidence, { determined, undetermined, ownIds, unplanned }: Intended): Finding[] => {
  const { own, unexplained } = sortLetters(evidence, ownIds);
  const sent = sentBy(evidence.journal, ownIds);
  const unsure = new Set(undetermined.flatMap(({ notices }) => notices.map(({ noticeId }) => noticeId)));
  const isPlanned = (noticeId: string): boolean => sent.has(noticeId) && !unsure.has(noticeId) && !unplanned.noticeIds.has(noticeId);
  const planned = { expected: determined.flatMap((plan) => plan.expected.deadLetters), concerns: isPlanned };
  const others = { expected: unplanned.refused, concerns: (noticeId: string) => unplanned.noticeIds.has(noticeId) };
  return [
    ...compare(evidence, own, planned),
    ...compare(evidence, own, others).map(({ problem }) => ({ problem })),
    ...unexplained.map(({ service, letter }) => ({
      problem: `${service} has the dead letter ${letter._id} (${letter.code}) of ${letter.message.topic}: ${noticeIdOf(letter)}`,
    })),
  ];
};
