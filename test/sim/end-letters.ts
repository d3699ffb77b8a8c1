import type { Letter, Mailbox } from '../../services/notifier/src/mailbox-state.ts';
import { documentsOf } from './rest.ts';
import type { Evidence } from './run.ts';

/** A reminder that a newer one outdid never goes out. */
const isOutdone = ({ status, data, tries }: Letter): boolean => status === 'given-up' && Number(data.reminder) > 0 && tries === 0;

/** Whatever a school has to know it was told, in order. */
export const judgeLetters = (evidence: Evidence): void => {
  const { world, schools, bank, watched } = evidence;
  const place = new Map(schools.heard.map(({ deliveryId }, index) => [deliveryId, index]));
  for (const { _id, state } of documentsOf<Mailbox>(evidence, 'notifier', 'mailboxes')) {
    let last = -1;
    for (const letter of state.letters) {
      if (isOutdone(letter)) continue;
      const index = place.get(letter.deliveryId);
      if (letter.status !== 'taken' || index === undefined) {
        world.violate('every letter is taken', `${letter.telling} about ${_id} is ${letter.status}, tried ${letter.tries} times`);
      } else if (index < last) world.violate('letters about one thing come in order', `${letter.telling} about ${_id}`);
      last = Math.max(last, index ?? 0);
    }
  }
  const told = new Set(schools.heard.map(({ type, data }) => `${type} ${data.paymentId}`));
  for (const { type, data } of watched.words()) {
    const [, word] = /^cn\.scenefi\.campus\.bill\.(write-off-awaited|reversal-requested|reversed|disputed)\.v1$/.exec(type) ?? [];
    if (!word) continue;
    const telling = word === 'write-off-awaited' ? 'debited' : word === 'reversal-requested' ? 'reversing' : word;
    if (!told.has(`payment.${telling} ${data.paymentId}`))
      world.violate('every letter is taken', `nobody told payment.${telling} of ${data.paymentId}`);
  }
  const refused = new Set(schools.heard.flatMap(({ type, data }) => (type === 'notice.refused' ? [String(data.noticeId)] : [])));
  for (const { topic, data } of watched.words()) {
    if (topic === 'campus.refusal.v1' && !refused.has(String(data.noticeId)))
      world.violate('whoever sent a refused notice is told', String(data.noticeId));
  }
  if ([...bank.books.values()].length === 0 && told.has('payment.debited'))
    world.violate('every letter is taken', 'a debit that nobody booked');
};
