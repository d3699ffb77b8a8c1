import { AppError, addMs, type Instant } from '@scenefi/kernel';
import type { Bill, BillCommand, BillFact, HeardNotice, NoticeCommand } from './bill-state.ts';
import { campusErrors } from './errors.ts';
import { evolve } from './evolve.ts';

const keptMax = 32;

/** Keeps a notice that came before its time; one that is kept already is not kept twice. */
export const keep = (command: NoticeCommand, bill: Bill, at: Instant, keepMs: number): BillFact[] => {
  if (bill.kept.some((kept) => kept.command.noticeId === command.noticeId)) return [];
  if (bill.kept.length >= keptMax) throw campusErrors.TOO_MANY_EARLY({ billNo: command.billNo });
  return [{ type: 'bill.notice-kept', kept: { command, until: addMs(at, keepMs) } }];
};

/** What one kept notice comes to now: facts, a refusal, or nothing because its time has not come. */
const attempt = (kept: Bill['kept'][number], bill: Bill, decide: (command: NoticeCommand, bill: Bill) => BillFact[]): BillFact[] => {
  const { noticeId } = kept.command;
  const taken: BillFact = { type: 'bill.notice-taken', noticeId };
  const rest = evolve(bill, taken);
  try {
    const facts = decide(kept.command, rest);
    return facts.some(({ type }) => type === 'bill.notice-kept') ? [] : [taken, ...facts];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [{ type: 'bill.notice-refused', kept, code: error.code }];
  }
};

/** Applies every kept notice whose time has come, oldest first, until none moves any more. */
export const takeKept = (bill: Bill, decide: (command: NoticeCommand, bill: Bill) => BillFact[]): BillFact[] => {
  if (!bill.terms) return [];
  for (const kept of bill.kept) {
    const facts = attempt(kept, bill, decide);
    if (facts.length > 0) return [...facts, ...takeKept(facts.reduce(evolve, bill), decide)];
  }
  return [];
};

/** Refuses what was kept for its whole time. */
export const refuseKept = (bill: Bill, at: Instant): BillFact[] =>
  bill.kept
    .filter(({ until }) => until <= at)
    .map((kept) => ({ type: 'bill.notice-refused', kept, code: campusErrors.NEVER_IN_TIME().code }));

/** Notes how notices ended that came to something, so that the school can ask: the one just heard, and those that were kept. */
export const heardIn = (command: BillCommand, facts: readonly BillFact[], bill: Bill, at: Instant): BillFact[] => {
  const note = (noticeId: string, type: string, ended: Pick<HeardNotice, 'end' | 'code'>): BillFact[] => [
    { type: 'bill.notice-heard', notice: { noticeId, type, at, ...ended } },
  ];
  const isKept = facts.some(({ type }) => type === 'bill.notice-kept');
  const own = 'noticeId' in command ? note(command.noticeId, command.noticeType, { end: isKept ? 'kept' : 'done' }) : [];
  const ofKept = facts.flatMap((fact) => {
    if (fact.type === 'bill.notice-refused') {
      const { noticeId, noticeType } = fact.kept.command;
      return note(noticeId, noticeType, { end: 'refused', code: fact.code });
    }
    const taken = fact.type === 'bill.notice-taken' && bill.kept.find((kept) => kept.command.noticeId === fact.noticeId);
    return taken ? note(taken.command.noticeId, taken.command.noticeType, { end: 'done' }) : [];
  });
  return [...own, ...ofKept];
};
