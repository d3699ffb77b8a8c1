export {
  BillAmendedNotice,
  BillClosedNotice,
  BillIssuedNotice,
  BillItem,
  BillPaidNotice,
  BillPaidVoidedNotice,
  type BillStatus,
  billStatuses,
  CampusBill,
  CampusBillNoticeRefused,
  CampusNoticeRefused,
  ChosenItem,
} from './campus.ts';
export { deadLetterTopic, facts, noticeCeType, notices, refusals, type Topic, type TopicKind, topics } from './catalogue.ts';
export { EntryPosted, LedgerAccount } from './ledger.ts';
export {
  About,
  AccountId,
  accountIds,
  BillId,
  billIds,
  type Channel,
  channels,
  EntryId,
  entryIds,
  heldByBank,
  PartnerId,
  PartnerRef,
  PaymentId,
  paymentIds,
  type SceneName,
  scenes,
} from './parties.ts';
export { CredentialIssued, CredentialRevoked, PartnerDescribed } from './partners.ts';
export { allocations, definePayable, fits } from './payable.ts';
export { PaymentRecorded, PaymentReversed } from './payments.ts';
