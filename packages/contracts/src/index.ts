export {
  BillAmendedNotice,
  BillClosedNotice,
  BillIssuedNotice,
  BillItem,
  BillPaidNotice,
  BillPaidVoidedNotice,
  type BillStatus,
  CampusBill,
  CampusBillNoticeRefused,
  CampusNoticeRefused,
  ChosenItem,
} from './campus.ts';
export { deadLetterTopic, facts, noticeCeType, notices, refusals, type Topic, type TopicKind, topics } from './catalogue.ts';
export { EntryPosted, LedgerAccount } from './ledger.ts';
export {
  About,
  accountIds,
  BillId,
  billIds,
  type Channel,
  channels,
  entryIds,
  heldByBank,
  PartnerId,
  PaymentId,
  paymentIds,
  scenes,
} from './parties.ts';
export { CredentialIssued, CredentialRevoked, PartnerDescribed } from './partners.ts';
export { allocations, fits } from './payable.ts';
export { PaymentRecorded, PaymentReversed } from './payments.ts';
