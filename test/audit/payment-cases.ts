import type { Evidence, RawAbout, RawBooking, RawMovement } from './evidence.ts';
import { type Fact, firstAppearances, verbOf } from './facts.ts';

/** What a fact of a payment says of it as a whole. */
export type Picture = {
  paymentId: string;
  about: RawAbout;
  status: string;
  channel: string;
  amountFen: number;
  refundedFen?: number;
  customerId?: string;
  allocation?: string;
  reference?: string;
};
export type RefundData = Picture & { refund: { refundNo: string; amountFen: number }; code?: string };

export const pictureOf = ({ data }: Fact): Picture => data as Picture;
export const refundOf = ({ data }: Fact): RefundData => data as RefundData;

/** What a key of the core bank is for: `<paymentId>:debit`, `:reversal`, `:refund:<refundNo>`, `:recredit:<count>:<refundNo>`. */
export type Booking = RawBooking & { paymentId: string; purpose: string; refundNo: string };

/** A school's word that it took a payment for its own books. */
export type Claim = { noticeId: string; amountFen: number };

/** Everything that the books say about one payment. */
export type PaymentCase = {
  paymentId: string;
  /** Whether its bill stands in the journal. */
  own: boolean;
  about: RawAbout | undefined;
  /** Of the payments topic; each has a picture. */
  facts: Fact[];
  /** Of the scene's topic, where it names this payment. */
  billFacts: Fact[];
  document: RawMovement | undefined;
  bookings: Booking[];
  claims: Claim[];
};

const bookingOf = (raw: RawBooking): Booking => {
  const [paymentId = '', purpose = '', ...rest] = raw.key.split(':');
  return { ...raw, paymentId, purpose, refundNo: (purpose === 'recredit' ? rest.slice(1) : rest).join(':') };
};

const claimsOf = ({ schools }: Evidence): (Claim & { paymentId: string })[] =>
  schools.flatMap((line) =>
    line.kind !== 'taken'
      ? []
      : line.notices
          .filter(({ type }) => type === 'campus.bill.written-off')
          .map(({ webhookId, data: { paymentId = '', amountFen = 0 } }) => ({
            noticeId: `${line.partnerId}:${webhookId}`,
            paymentId,
            amountFen,
          })),
  );

/** Answers to a scene's question about a lease name a payment that may never have been seen. */
const isAnswer = (fact: Fact): boolean => verbOf(fact).startsWith('lease-');

/** Lays the books out by payment: whatever names one, with what every other book says about it. */
export const layOutPayments = (evidence: Evidence, ownBillIds: ReadonlySet<string>): Map<string, PaymentCase> => {
  const { topics, payments, bank } = evidence;
  const facts = Map.groupBy(
    firstAppearances(topics.payments).filter((fact) => !isAnswer(fact)),
    ({ key }) => key,
  );
  const billFacts = Map.groupBy(firstAppearances(topics.bills), ({ data }) => String(data.paymentId ?? ''));
  const documents = new Map(payments.map((document) => [document._id, document]));
  const bookings = Map.groupBy(bank.map(bookingOf), ({ paymentId }) => paymentId);
  const claims = Map.groupBy(claimsOf(evidence), ({ paymentId }) => paymentId);
  const ids = new Set([...facts.keys(), ...documents.keys(), ...bookings.keys()]);
  return new Map(
    [...ids].map((paymentId): [string, PaymentCase] => {
      const document = documents.get(paymentId);
      const ownFacts = facts.get(paymentId) ?? [];
      const first = ownFacts[0];
      const about = document?.state.request?.about ?? document?.state.received?.about ?? (first && pictureOf(first).about);
      const own = ownBillIds.has(about?.payableId ?? '');
      const rest = {
        billFacts: billFacts.get(paymentId) ?? [],
        bookings: bookings.get(paymentId) ?? [],
        claims: claims.get(paymentId) ?? [],
      };
      return [paymentId, { paymentId, own, about, facts: ownFacts, document, ...rest }];
    }),
  );
};

export const isOfApp = ({ facts, document }: PaymentCase): boolean => {
  const channel = facts[0] && pictureOf(facts[0]).channel;
  return document?.state.request !== undefined || channel === 'app' || channel === 'mandate';
};

/** The facts of one kind. */
export const saying = (facts: readonly Fact[], ...verbs: string[]): Fact[] => facts.filter((fact) => verbs.includes(verbOf(fact)));

export const applied = ({ bookings }: PaymentCase, kind: Booking['kind']): Booking[] =>
  bookings.filter((booking) => booking.kind === kind && booking.status === 'applied');

export const sumFen = (bookings: readonly Pick<Booking, 'order'>[]): number =>
  bookings.reduce((sum, { order }) => sum + (order?.amountFen ?? 0), 0);

export const inQueue = ({ document }: PaymentCase, ...names: string[]): boolean =>
  (document?.state.queue ?? []).some(({ name }) => names.includes(name));

/** What others see of a payment: how far a lease or a debit is stays its owner's business. */
export const publicStatusOf = ({ state: { status, queue = [] } }: RawMovement): string => {
  if (queue.some(({ name }) => name === 'debit-unknown')) return 'stuck';
  return status === 'leased' || status === 'debiting' ? 'requested' : status;
};

/** Behind these statuses a write-off is a claim that payments has to judge; the fact that follows says how. */
const claimed = ['reversing', 'paid-elsewhere', 'amount-differs'];

export const isClaim = (fact: Fact): boolean => verbOf(fact) === 'written-off' && claimed.includes(String(fact.data.status));
