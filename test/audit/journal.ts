import { readFile } from 'node:fs/promises';
import type { Journal, Plan, Sent } from './evidence.ts';

type Line =
  | { kind: 'started' | 'finished' }
  | ({ kind: 'plan' } & Plan)
  | ({ kind: 'intent'; send: number } & Omit<Sent, 'statuses'>)
  | { kind: 'answer'; send: number; status: number };

/** The last line of a sender that was killed may be torn; any other broken line is an error. */
const parseLines = (text: string): Line[] => {
  const lines = text.split('\n');
  const torn = lines.pop();
  const parsed = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
  if (torn) {
    try {
      parsed.push(JSON.parse(torn) as Line);
    } catch {
      return parsed;
    }
  }
  return parsed;
};

/** Joins intents with their answers; several runs may stand in one file, each counting its sends anew. */
export const digestJournal = (text: string): Journal => {
  const journal: Journal = { finished: false, plans: [], sends: [] };
  let bySend = new Map<number, Sent>();
  for (const line of parseLines(text)) {
    switch (line.kind) {
      case 'started':
        bySend = new Map();
        journal.finished = false;
        break;
      case 'plan':
        journal.plans.push(line);
        break;
      case 'intent': {
        const { noticeId, billNo, expect, bodySha256 } = line;
        const sent: Sent = { noticeId, billNo, expect, bodySha256, statuses: [] };
        bySend.set(line.send, sent);
        journal.sends.push(sent);
        break;
      }
      case 'answer':
        bySend.get(line.send)?.statuses.push(line.status);
        break;
      case 'finished':
        journal.finished = true;
        break;
      default:
        line satisfies never;
    }
  }
  return journal;
};

export const readJournal = async (file: string): Promise<Journal> => digestJournal(await readFile(file, 'utf8'));

export type Answer = 'accepted' | 'rejected' | 'unanswered';

const acceptedStatus = 202;

/** Acknowledged once is acknowledged; a refusal counts only as the last word. */
export const answerOf = ({ statuses }: Sent): Answer => {
  if (statuses.includes(acceptedStatus)) return 'accepted';
  const last = statuses.at(-1) ?? 0;
  return last >= 400 && last < 500 && last !== 429 ? 'rejected' : 'unanswered';
};

const keyOf = ({ noticeId, bodySha256 }: { noticeId: string; bodySha256: string }): string => `${noticeId}|${bodySha256}`;

export type DeterminedPlans = { determined: Plan[]; undetermined: Plan[] };

/** A bill whose notices were not all acknowledged may have ended in several ways, so nothing can be said about it. */
export const splitPlans = ({ plans, sends }: Journal): DeterminedPlans => {
  const accepted = new Set(sends.filter((sent) => answerOf(sent) === 'accepted').map(keyOf));
  const isDetermined = ({ notices }: Plan): boolean => notices.every((notice) => accepted.has(keyOf(notice)));
  return { determined: plans.filter(isDetermined), undetermined: plans.filter((plan) => !isDetermined(plan)) };
};
