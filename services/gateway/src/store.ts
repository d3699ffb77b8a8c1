import type { CampusBill, CustomerId, CustomerLink, CustomerLinks, PaymentRequested } from '@scenefi/contracts';
import type { DataOf, Instant } from '@scenefi/kernel';
import { type Collection, mapped, type Store } from '@scenefi/store';
import type { Place } from './conventions.ts';
import type { Moment, View } from './view.ts';

/** What every scene says about what can be paid; `detail` is the scene's own and passes through. */
export type BillPicture = Omit<DataOf<typeof CampusBill.billed>, 'detail' | 'status'> & { status: string; detail: object };
/** A payment of the app: it has a customer, and a time at which he asked for it. */
export type PaymentPicture = PaymentRequested & { customerId: CustomerId; requestedAt: Instant };
export type PaymentView = View<PaymentPicture> & { picture: PaymentPicture };

/** One moment of one payment. */
export type PaymentMoment = { payment: PaymentPicture; moment: Moment };

export type BillFilter = { status?: string | undefined; dueBefore?: Instant | undefined; after?: Place | undefined; limit: number };
export type NewestFirst = { before?: Place | undefined; limit: number };

type Shown<Picture> = { _id: string; state: View<Picture> & { picture: Picture } };

/** What comes after a place in a list that is sorted by time and id, in either direction. */
const beyond = (timeField: string, than: '$gt' | '$lt', place: Place | undefined): object[] =>
  place ? [{ $or: [{ [timeField]: { [than]: place.at } }, { [timeField]: place.at, _id: { [than]: place.id } }] }] : [];

/** Bills of the account of a link, and of the holder whose name the customer knew: those of a reused number stay hidden. */
const visibleBy = ({ accountId, holderHash }: CustomerLink): object => ({
  'state.picture.accountId': accountId,
  'state.picture.holderHash': holderHash,
});

const found = <Picture>(collection: Collection, filter: object, options: object = {}): Promise<Shown<Picture>[]> =>
  mapped(
    () => collection.find(filter, { projection: { state: 1 }, ...options }).toArray() as Promise<unknown> as Promise<Shown<Picture>[]>,
  );

const byId = async <Picture>(collection: Collection, ids: readonly string[]): Promise<Map<string, Shown<Picture>['state']>> =>
  new Map((await found<Picture>(collection, { _id: { $in: [...ids] } })).map(({ _id, state }) => [_id, state]));

/** A bill as one customer sees it, by which of his links. */
export type VisibleBill = BillPicture & { linkId: string };

const seenBy = (links: readonly CustomerLink[], bill: BillPicture): VisibleBill => {
  const link = links.find(({ accountId, holderHash }) => accountId === bill.accountId && holderHash === bill.holderHash);
  return { ...bill, linkId: link?.linkId ?? '' };
};

const billQueries = (bills: Collection, links: Collection) => {
  /** The join of bills and links is made here, whenever somebody reads: whoever links an account sees its earlier bills at once. */
  const visible = async (customerId: string, filters: readonly object[], options: object): Promise<VisibleBill[]> => {
    const own = (await byId<CustomerLinks>(links, [customerId])).get(customerId)?.picture.links ?? [];
    const linked = own.filter(({ status }) => status === 'linked');
    if (linked.length === 0) return [];
    const shown = await found<BillPicture>(bills, { $and: [{ $or: linked.map(visibleBy) }, ...filters] }, options);
    return shown.map(({ state }) => seenBy(linked, state.picture));
  };
  return {
    /** Every bill of the customer's linked accounts, the earliest due time first. */
    billsOf: (customerId: string, { status, dueBefore, after, limit }: BillFilter): Promise<VisibleBill[]> => {
      const due = 'state.picture.dueAt';
      const wanted = [...(status ? [{ 'state.picture.status': status }] : []), ...(dueBefore ? [{ [due]: { $lt: dueBefore } }] : [])];
      return visible(customerId, [...wanted, ...beyond(due, '$gt', after)], { sort: { [due]: 1, _id: 1 }, limit });
    },
    billOf: async (customerId: string, billId: string): Promise<VisibleBill | undefined> =>
      (await visible(customerId, [{ _id: billId }], {}))[0],
  };
};

const paymentQueries = (payments: Collection) => ({
  payments: (ids: readonly string[]): Promise<Map<string, PaymentView>> => byId<PaymentPicture>(payments, ids),
  paymentsOf: async (customerId: string, { before, limit }: NewestFirst): Promise<PaymentView[]> => {
    const asked = 'state.picture.requestedAt';
    const filter = { $and: [{ 'state.picture.customerId': customerId }, ...beyond(asked, '$lt', before)] };
    return (await found<PaymentPicture>(payments, filter, { sort: { [asked]: -1, _id: -1 }, limit })).map(({ state }) => state);
  },
  /** What happened to the payments of a customer, newest first; the place is of a moment, `<paymentId>:<version>`. */
  momentsOf: async (customerId: string, { before, limit }: NewestFirst): Promise<PaymentMoment[]> => {
    const at = 'state.history.at';
    const version = 'state.history.version';
    const [id = '', number] = before?.id.split(':') ?? [];
    const earlier = before && {
      $or: [...beyond(at, '$lt', { at: before.at, id }), { [at]: before.at, _id: id, [version]: { $lt: Number(number) } }],
    };
    const stages = [
      { $match: { 'state.picture.customerId': customerId, ...(before && { [at]: { $lte: before.at } }) } },
      { $unwind: '$state.history' },
      ...(earlier ? [{ $match: earlier }] : []),
      { $sort: { [at]: -1, _id: -1, [version]: -1 } },
      { $limit: limit },
      { $project: { payment: '$state.picture', moment: '$state.history' } },
    ];
    return mapped(() => payments.aggregate<PaymentMoment>(stages).toArray());
  },
});

/** The views of one generation, as the app's routes read them. */
export const viewQueries = async (store: Store) => {
  const [bills, payments, links] = [store.collection('bills'), store.collection('payments'), store.collection('links')];
  await mapped(async () => {
    await bills.createIndex({ 'state.picture.accountId': 1, 'state.picture.dueAt': 1, _id: 1 });
    await payments.createIndex({ 'state.picture.customerId': 1, 'state.picture.requestedAt': -1, _id: -1 });
    await payments.createIndex({ 'state.picture.customerId': 1, 'state.history.at': -1 });
  });
  return {
    ...billQueries(bills, links),
    ...paymentQueries(payments),
    links: async (customerIds: readonly string[]): Promise<Map<string, readonly CustomerLink[]>> =>
      new Map([...(await byId<CustomerLinks>(links, customerIds))].map(([id, { picture }]) => [id, picture.links])),
    sizes: () =>
      mapped(async () => ({
        bills: await bills.estimatedDocumentCount(),
        payments: await payments.estimatedDocumentCount(),
        links: await links.estimatedDocumentCount(),
      })),
  };
};
export type ViewQueries = Awaited<ReturnType<typeof viewQueries>>;

/** Which generation of views is read, and which one is being built beside it. */
export type Pointer = { generation: number; building?: number };

const nobody = { _id: 'pointer' };

/** The one document that all replicas agree by; generation 0 is the one that was never built. */
export const viewPointer = (store: Store) => {
  const views = store.collection('views');
  const change = (from: object, update: object): Promise<boolean> =>
    mapped(async () => (await views.updateOne({ ...nobody, ...from }, update)).matchedCount === 1);
  return {
    read: async (): Promise<Pointer> =>
      mapped(async () => {
        const first: Pointer = { generation: 0, building: 1 };
        const read = () => views.findOne(nobody) as Promise<unknown> as Promise<Pointer | null>;
        const standing = await read();
        if (standing) return standing;
        await views.updateOne(nobody, { $setOnInsert: first }, { upsert: true });
        return (await read()) ?? first;
      }),
    /** False where one is being built already. */
    build: (generation: number): Promise<boolean> =>
      change({ generation: generation - 1, building: { $exists: false } }, { $set: { building: generation } }),
    /** False where another replica was first. */
    move: (generation: number): Promise<boolean> => change({ building: generation }, { $set: { generation }, $unset: { building: '' } }),
  };
};
export type ViewPointer = ReturnType<typeof viewPointer>;
