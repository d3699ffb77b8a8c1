import { type Evidence, topicNames } from './evidence.ts';
import { sha256 } from './facts.ts';
import type { Finding } from './findings.ts';
import { answerOf } from './journal.ts';

/** Every acknowledged webhook stands in the log byte for byte, and none that had to be refused at the door. */
export const checkNotices = ({ journal, topics }: Evidence): Finding[] => {
  const findings: Finding[] = [];
  const logged = new Map<string, Set<string>>();
  for (const { headers, value } of topics.notices) {
    const noticeId = headers.ce_id ?? '';
    logged.set(noticeId, (logged.get(noticeId) ?? new Set()).add(sha256(value ?? Buffer.alloc(0))));
  }

  const intended = Map.groupBy(journal.sends, ({ noticeId }) => noticeId);
  for (const [noticeId, sends] of intended) {
    const bodies = new Set(sends.map(({ bodySha256 }) => bodySha256));
    for (const body of bodies) {
      const same = sends.filter(({ bodySha256 }) => bodySha256 === body);
      const acknowledged = same.some((sent) => answerOf(sent) === 'accepted');
      if (acknowledged && !logged.get(noticeId)?.has(body))
        findings.push({ problem: `notice ${noticeId} was answered 202 and does not stand on ${topicNames.notices}`, lost: 1 });
    }
    for (const body of logged.get(noticeId) ?? [])
      if (!bodies.has(body)) findings.push({ problem: `notice ${noticeId} stands on ${topicNames.notices} with bytes that nobody sent` });
  }

  for (const sent of journal.sends) {
    const answer = answerOf(sent);
    const { noticeId, statuses, expect } = sent;
    if (answer === 'unanswered') {
      if (journal.finished) findings.push({ problem: `notice ${noticeId} was never answered (${statuses.join(', ') || 'no status'})` });
    } else if (answer !== expect) {
      findings.push({ problem: `notice ${noticeId} had to be ${expect} and was ${answer} (${statuses.join(', ')})` });
    }
    if (expect === 'rejected' && logged.has(noticeId))
      findings.push({ problem: `notice ${noticeId} had to be rejected and stands on ${topicNames.notices}` });
  }
  return findings;
};
