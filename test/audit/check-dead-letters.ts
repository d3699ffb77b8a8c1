import { compareEffects, type Evidence, type Finding, type Plan, type RawLetter, topicNames } from './evidence.ts';
import { factOf } from './facts.ts';

const words = (noticeId: string, code: string): string => `${noticeId} with ${code}`;
const noticeIdOf = ({ message }: RawLetter): string => message.headers.ce_id ?? '';

/** Dead letters of the journal's notices, and those that no notice of any school can explain. */
const sortLetters = ({ journal, backlogs }: Evidence): { own: RawLetter[]; unexplained: { service: string; letter: RawLetter }[] } => {
  const sent = new Set(journal.sends.map(({ noticeId }) => noticeId));
  const all = backlogs.flatMap(({ service, letters }) => letters.map((letter) => ({ service, letter })));
  const isNotice = ({ service, letter }: (typeof all)[number]): boolean =>
    service === 'campus' && letter.message.topic.endsWith(topicNames.notices);
  return {
    own: all.filter((one) => isNotice(one) && sent.has(noticeIdOf(one.letter))).map(({ letter }) => letter),
    unexplained: all.filter((one) => !isNotice(one)),
  };
};

export const countDeadLetters = (evidence: Evidence): number => {
  const { own, unexplained } = sortLetters(evidence);
  return own.length + unexplained.length;
};

/** Exactly the notices that had to be refused are dead letters, and the partner is told of each. */
export const checkDeadLetters = (evidence: Evidence, determined: readonly Plan[], undetermined: readonly Plan[]): Finding[] => {
  const { own, unexplained } = sortLetters(evidence);
  const unsure = new Set(undetermined.flatMap(({ notices }) => notices.map(({ noticeId }) => noticeId)));
  const expected = determined.flatMap((plan) => plan.expected.deadLetters);
  const wanted = expected.map(({ noticeId, code }) => words(noticeId, code));
  const found = own.filter((letter) => !unsure.has(noticeIdOf(letter))).map((letter) => words(noticeIdOf(letter), letter.code));

  const sent = new Set(evidence.journal.sends.map(({ noticeId }) => noticeId));
  const told = new Set(
    evidence.topics.refusals.flatMap((record): string[] => {
      const { noticeId, code } = factOf(record).data as { noticeId: string; code: string };
      return sent.has(noticeId) && !unsure.has(noticeId) ? [words(noticeId, code)] : [];
    }),
  );
  const copies = new Set(evidence.topics.deadNotices.map(({ headers }) => headers.ce_id));
  const uncopied = [...new Set(expected.map(({ noticeId }) => noticeId))].filter((noticeId) => !copies.has(noticeId));
  return [
    ...compareEffects('dead letters', wanted, found),
    ...compareEffects(`refusals on ${topicNames.refusals}`, wanted, [...told]),
    ...uncopied.map((noticeId) => ({ problem: `notice ${noticeId} is dead and has no copy on ${topicNames.deadNotices}` })),
    ...unexplained.map(({ service, letter }) => ({
      problem: `${service} has the dead letter ${letter._id} (${letter.code}) of ${letter.message.topic}: ${noticeIdOf(letter)}`,
    })),
  ];
};
