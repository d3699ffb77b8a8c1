import type { AggregateDocument, DeadLetter } from '@scenefi/engine';
import { shortHash } from '@scenefi/kernel';
import { decodeRecent } from '../../packages/engine/src/recent.ts';
import type { Bill } from '../../services/campus/src/bill-state.ts';
import { documentsOf } from './rest.ts';
import type { Evidence } from './run.ts';

type Notice = { noticeId: string; type: string; data: Record<string, unknown>; key: string; text: string };

/** Every different body that was acknowledged, under its id. */
const noticesOf = ({ cluster }: Evidence): Notice[] => {
  const found = new Map<string, Notice>();
  for (const partition of [0, 1]) {
    for (const { key, value, headers } of cluster.broker.records('campus.notice.v1', partition)) {
      const [text, noticeId] = [value?.toString() ?? '', headers.ce_id ?? ''];
      let body: { type?: string; data?: Record<string, unknown> } = {};
      try {
        body = JSON.parse(text) as typeof body;
      } catch {
        // It can only end as a dead letter.
      }
      found.set(`${noticeId}\n${text}`, { noticeId, type: body.type ?? '', data: body.data ?? {}, key: key.toString(), text });
    }
  }
  return [...found.values()];
};

/** Whether a bill already says what a notice wants, so that it had nothing left to do. */
const isSo = ({ type, data }: Notice, bill: Bill): boolean => {
  const { paymentId, paymentNo, refundNo, revision } = data as Record<string, string> & { revision: number };
  switch (type) {
    case 'campus.bill.issued':
      return bill.terms !== undefined;
    case 'campus.bill.amended':
      return bill.revision >= revision;
    case 'campus.bill.closed':
      return bill.base === 'closed';
    case 'campus.bill.paid':
      return bill.payments.some((one) => one.paymentNo === paymentNo) || bill.voided.includes(paymentNo!);
    case 'campus.bill.paid-voided':
      return bill.voided.includes(paymentNo!);
    case 'campus.bill.written-off':
      return bill.writtenOff?.paymentId === paymentId || bill.disputed.includes(paymentId!);
    case 'campus.bill.write-off-rejected':
      return bill.past.some(({ leaseId }) => leaseId === paymentId);
    case 'campus.refund.requested':
      return bill.refunds.some((one) => one.refundNo === refundNo);
    default:
      return false;
  }
};

/** What became of a notice: decided by its bill, refused, or nothing because all was so already. */
export const judgeNotices = (evidence: Evidence): void => {
  const { world, cluster, watched } = evidence;
  const letters = [...cluster.databases.campus!.majority('dead_letters').values()] as unknown as DeadLetter[];
  const bills = new Map(documentsOf<Bill>(evidence, 'campus', 'bills').map((document) => [document._id, document]));
  const told = new Set(watched.words().flatMap(({ topic, data }) => (topic === 'campus.refusal.v1' ? [String(data.noticeId)] : [])));
  const bodies = Map.groupBy(noticesOf(evidence), ({ noticeId }) => noticeId);
  for (const notice of [...bodies.values()].flat()) {
    const { noticeId, text, key } = notice;
    const own = letters.filter(({ message }) => message.event?.id === noticeId && message.value?.toString() === text);
    const bill = bills.get(key);
    const decided = decisionOf(noticeId, bill);
    const isAlone = bodies.get(noticeId)!.length === 1;
    if (own.length > 1) world.violate('a notice ends once', `${noticeId} is ${own.length} dead letters`);
    if (own.length === 0 && !decided && !(bill && isSo(notice, bill.state)))
      world.violate('a notice ends once', `${noticeId} (${notice.type}) came to nothing`);
    if (isAlone && own.length > 0 && decided && !decided.refused && !own[0]!.redrivenAt)
      world.violate('a notice ends once', `${noticeId} was done and is a dead letter (${own[0]!.code})`);
    if (isAlone && decided?.refused && own.length === 0)
      world.violate('a notice ends once', `${noticeId} was refused, and nobody was told`);
    if (own.length > 0 && !told.has(noticeId)) world.violate('whoever sent a refused notice is told', noticeId);
  }
};

const decisionOf = (noticeId: string, bill: Pick<AggregateDocument, 'recent'> | undefined) => {
  const id = shortHash(`/scenefi/ingress|${noticeId}#0`);
  return bill && decodeRecent(bill.recent).find((decided) => decided.id.equals(id));
};
