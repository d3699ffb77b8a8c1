import type { NoticeEnd } from '@scenefi/contracts';
import type { DeadLetter } from '@scenefi/engine';
import { countByStatus, mapped, type Store, stateOf } from '@scenefi/store';
import { type Bill, whole } from './bill-state.ts';

const lettersMax = 10;

/** A document that holds nothing but a refusal is no bill. */
const isBill = { $or: [{ 'state.terms': { $exists: true } }, { 'state.kept.0': { $exists: true } }, { 'state.status': 'lapsed' }] };

type Letter = Pick<DeadLetter, 'code' | 'at' | 'message'>;

/** The type of a notice stands in its body, which may be anything in a dead letter. */
const typeOf = ({ message }: Letter): string => {
  try {
    const { type } = JSON.parse(message.value?.toString('utf8') ?? '');
    return typeof type === 'string' ? type : '';
  } catch {
    return '';
  }
};

/** Reads that no command needs: what operators, partners and other edges ask for. */
export const billQueries = async (store: Store) => {
  const bills = store.collection('bills');
  const letters = store.collection('dead_letters');
  await mapped(() => letters.createIndex({ 'message.key': 1, at: -1 }));
  return {
    byId: async (billId: string): Promise<Bill | undefined> => {
      const bill = (await stateOf(bills, billId)) as Bill | undefined;
      return bill && whole(bill);
    },
    countByStatus: () => countByStatus(bills, isBill),
    /** Notices about a bill that were refused, newest first. */
    refusedNotices: async (billId: string, partnerId: string): Promise<NoticeEnd[]> => {
      const filter = { 'message.key': billId, 'message.event.partnerId': partnerId, redrivenAt: { $exists: false } };
      const found = await mapped(() => letters.find(filter, { sort: { at: -1 }, limit: lettersMax }).toArray());
      return (found as unknown as Letter[]).map((letter) => {
        const noticeId = letter.message.event?.id ?? '';
        return { noticeId, type: typeOf(letter), at: letter.at, end: 'refused', code: letter.code };
      });
    },
  };
};
export type BillQueries = Awaited<ReturnType<typeof billQueries>>;
