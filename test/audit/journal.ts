import { readFile } from 'node:fs/promises';
import type { Journal, Paying, Plan, Sent } from './evidence.ts';
import { parseLines } from './json-lines.ts';

type Line =
  | { kind: 'started' | 'finished' }
  | ({ kind: 'plan' } & Plan)
  | ({ kind: 'intent'; send: number } & Omit<Sent, 'statuses'>)
  | { kind: 'answer'; send: number; status: number }
  | ({ kind: 'command'; command: 'pay'; send: number } & Omit<Paying, 'statuses' | 'paymentIds'>)
  | { kind: 'outcome'; key: string; send: number; status: number; paymentId?: string }
  | { kind: 'question' };

const acceptedStatus = 202;

const commandKey = ({ key, send }: { key: string; send: number }): string => `${key}|${send}`;

/** Joins intents with their answers; several runs may stand in one file, each counting its sends anew. */
export const digestJournal = (text: string): Journal => {
  const journal: Journal = { finished: false, plans: [], sends: [], payings: [] };
  let bySend = new Map<number, Sent>();
  let byCommand = new Map<string, Paying>();
  for (const line of parseLines<Line>(text)) {
    switch (line.kind) {
      case 'started':
        bySend = new Map();
        byCommand = new Map();
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
      case 'command': {
        const { key, billNo, partnerId, customerId, amountFen } = line;
        const paying: Paying = { key, billNo, partnerId, customerId, amountFen, statuses: [], paymentIds: [] };
        byCommand.set(commandKey(line), paying);
        journal.payings.push(paying);
        break;
      }
      case 'outcome': {
        const paying = byCommand.get(commandKey(line));
        paying?.statuses.push(line.status);
        if (line.status === acceptedStatus && line.paymentId) paying?.paymentIds.push(line.paymentId);
        break;
      }
      case 'question':
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

/** Acknowledged once is acknowledged; a refusal counts only as the last word. */
export const answerOf = ({ statuses }: Sent): Answer => {
  if (statuses.includes(acceptedStatus)) return 'accepted';
  const last = statuses.at(-1) ?? 0;
  return last >= 400 && last < 500 && last !== 429 ? 'rejected' : 'unanswered';
};

const keyOf = ({ noticeId, bodySha256 }: { noticeId: string; bodySha256: string }): string => `${noticeId}|${bodySha256}`;

export type DeterminedPlans = { determined: Plan[]; undetermined: Plan[] };

/** The payments that the bank accepted for each Idempotency-Key. */
export const acceptedPayments = ({ payings }: Journal): Map<string, Set<string>> => {
  const accepted = new Map<string, Set<string>>();
  for (const { key, paymentIds } of payings) accepted.set(key, new Set([...(accepted.get(key) ?? []), ...paymentIds]));
  return accepted;
};

/** A bill whose notices and payments were not all acknowledged may have ended in several ways, so nothing can be said about it. */
export const splitPlans = (journal: Journal): DeterminedPlans => {
  const { plans, sends } = journal;
  const accepted = new Set(sends.filter((sent) => answerOf(sent) === 'accepted').map(keyOf));
  const paid = acceptedPayments(journal);
  const isDetermined = ({ notices, expected: { app = [] } }: Plan): boolean =>
    notices.every((notice) => accepted.has(keyOf(notice))) && app.every(({ key }) => (paid.get(key)?.size ?? 0) > 0);
  return { determined: plans.filter(isDetermined), undetermined: plans.filter((plan) => !isDetermined(plan)) };
};
