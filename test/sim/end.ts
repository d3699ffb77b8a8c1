import { judgeCalls } from './end-calls.ts';
import { judgeLedger } from './end-ledger.ts';
import { judgeLetters } from './end-letters.ts';
import { judgeMoney } from './end-money.ts';
import { judgeNotices } from './end-notices.ts';
import { judgeOracle } from './oracle.ts';
import { judgeReplay } from './replay.ts';
import { documentsOf } from './rest.ts';
import type { Evidence } from './run.ts';

const speakers = [
  ['campus', 'bills', 'campus.bill.v1'],
  ['payments', 'payments', 'payments.payment.v1'],
  ['notifier', 'mailboxes', 'notifier.delivery.v1'],
] as const;

/** Every fact of every aggregate stands on its topic. */
const judgeFacts = (evidence: Evidence): void => {
  for (const [service, table, topic] of speakers) {
    for (const { _id, version } of documentsOf(evidence, service, table)) {
      const last = evidence.watched.appeared(topic, _id);
      if (last !== version) evidence.world.violate('every fact is published', `${_id} has version ${version}, its topic ${last}`);
    }
  }
};

/** What has to be true once everything has come to rest. */
export const judgeEnd = (evidence: Evidence): void => {
  judgeFacts(evidence);
  judgeMoney(evidence);
  judgeLedger(evidence);
  judgeNotices(evidence);
  judgeCalls(evidence);
  judgeLetters(evidence);
  judgeReplay(evidence);
  judgeOracle(evidence);
};
