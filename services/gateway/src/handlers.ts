import {
  AccountConfirmed,
  AccountDenied,
  AccountLinked,
  AccountUnlinked,
  type CustomerLinks,
  PaymentRequested,
  payables,
  paymentFacts,
} from '@scenefi/contracts';
import { type Aim, type Heard, onEach, type Subscription, type Target } from '@scenefi/engine';
import type { AnyFact } from '@scenefi/kernel';
import type { BillPicture, PaymentPicture } from './store.ts';
import type { Moment, Show } from './view.ts';

export type ViewTargets = {
  bills: Target<Show<BillPicture>>;
  payments: Target<Show<PaymentPicture>>;
  links: Target<Show<CustomerLinks>>;
};

const versionOf = ({ event }: Heard<unknown>): number => Number(event.sequence);

/** What some kinds of facts tell besides the picture. */
type Told = Partial<Pick<Moment, 'code' | 'held' | 'returned' | 'queue' | 'refund'>>;

const momentOf = (fact: AnyFact, { data, event }: Heard<object>, version: number): Moment => {
  const { code, held, returned, queue, refund }: Told = data;
  return {
    version,
    fact: fact.type.slice(fact.type.lastIndexOf('.') + 1),
    at: event.time,
    ...(code !== undefined && { code }),
    ...(held && { held }),
    ...(returned !== undefined && { returned }),
    ...(queue !== undefined && { queue }),
    // Why a partner refunds is its own text, about a person perhaps; it is not ours to tell.
    ...(refund && { refund: { refundNo: refund.refundNo, amountFen: refund.amountFen } }),
  };
};

const shown = <Picture>(id: string, show: Omit<Show<Picture>, 'type'>): Aim<Show<Picture>> => ({ id, command: { type: 'Show', ...show } });

/** The facts of every scene about what can be paid that carry the whole picture, without what only that one kind of fact says. */
const billHandlers = (bills: ViewTargets['bills']): Subscription[] =>
  Object.values(payables).flatMap((payable) =>
    onEach(Object.values(payable), bills, (heard) => {
      if (!('accountId' in heard.data)) return undefined;
      const picture: BillPicture = payable.billed.read(heard.data);
      return shown(picture.payableId, { version: versionOf(heard), picture });
    }),
  );

/** Facts of every scene, of payments and of profiles, each mapped to what one view shows. */
export const viewHandlers = ({ bills, payments, links }: ViewTargets): Subscription[] => [
  ...billHandlers(bills),
  ...onEach(paymentFacts, payments, (heard, fact) => {
    const { customerId, requestedAt, ...picture } = PaymentRequested.read(heard.data);
    // Money that a partner took belongs to no customer of ours.
    if (!customerId || !requestedAt) return undefined;
    const version = versionOf(heard);
    return shown(picture.paymentId, { version, picture: { ...picture, customerId, requestedAt }, moment: momentOf(fact, heard, version) });
  }),
  ...onEach([AccountLinked, AccountConfirmed, AccountDenied, AccountUnlinked], links, (heard) =>
    shown(heard.data.customerId, { version: versionOf(heard), picture: heard.data }),
  ),
];
