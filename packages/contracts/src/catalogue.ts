import type { AnyFact, AnyNotice } from '@scenefi/kernel';
import {
  BillAmendedNotice,
  BillClosedNotice,
  BillIssuedNotice,
  BillPaidNotice,
  BillPaidVoidedNotice,
  BillWriteOffRejectedNotice,
  BillWrittenOffNotice,
  CampusBill,
  CampusBillNoticeRefused,
  CampusNoticeRefused,
  RefundRequestedNotice,
} from './campus.ts';
import { EntryPosted } from './ledger.ts';
import { DeliveryGivenUp, DeliveryTaken } from './notifier.ts';
import { CredentialIssued, CredentialRevoked, PartnerDescribed } from './partners.ts';
import {
  PaymentAllocated,
  PaymentDebited,
  PaymentDisputed,
  PaymentFailed,
  PaymentLeaseHeld,
  PaymentLeaseReleased,
  PaymentRecorded,
  PaymentRefunded,
  PaymentRefundRecredited,
  PaymentRefundRefused,
  PaymentRefundReturned,
  PaymentRefused,
  PaymentRequested,
  PaymentReversed,
  PaymentReversing,
  PaymentSettled,
  PaymentStuck,
} from './payments.ts';
import { AccountConfirmed, AccountDenied, AccountLinked, AccountUnlinked } from './profiles.ts';

/** What every scene says about its payables, by scene: who hears payables hears all of them, and a new scene touches no reader. */
export const payables = { campus: CampusBill } as const;

/** What payments says about a payment as such: each carries the whole picture. */
export const paymentFacts = [
  PaymentRecorded,
  PaymentRequested,
  PaymentRefused,
  PaymentFailed,
  PaymentDebited,
  PaymentSettled,
  PaymentReversing,
  PaymentReversed,
  PaymentDisputed,
  PaymentStuck,
  PaymentRefunded,
  PaymentRefundReturned,
  PaymentRefundRecredited,
  PaymentRefundRefused,
] as const;

/** Every fact there is. */
export const facts: readonly AnyFact[] = [
  ...Object.values(payables).flatMap((payable): AnyFact[] => Object.values(payable)),
  CampusBillNoticeRefused,
  CampusNoticeRefused,
  ...paymentFacts,
  // Of money from elsewhere only, which is shown to no customer.
  PaymentAllocated,
  PaymentLeaseHeld,
  PaymentLeaseReleased,
  EntryPosted,
  AccountLinked,
  AccountConfirmed,
  AccountDenied,
  AccountUnlinked,
  DeliveryTaken,
  DeliveryGivenUp,
  PartnerDescribed,
  CredentialIssued,
  CredentialRevoked,
];

/** Every notice that a partner may send. */
export const notices: readonly AnyNotice[] = [
  BillIssuedNotice,
  BillAmendedNotice,
  BillClosedNotice,
  BillPaidNotice,
  BillPaidVoidedNotice,
  BillWrittenOffNotice,
  BillWriteOffRejectedNotice,
  RefundRequestedNotice,
];

/** Refusals of notices by scene. */
export const refusals: Readonly<Record<string, typeof CampusNoticeRefused>> = { campus: CampusNoticeRefused };

/** `facts` are kept for ever; `notices` 30 days; a `table` is compacted and read whole by everybody. */
export type TopicKind = 'facts' | 'notices' | 'refusals' | 'table' | 'dead-letters';
export type Topic = { name: string; kind: TopicKind };

const tables = new Set([PartnerDescribed.topic, CredentialIssued.topic]);

const kindOf = (topic: string): TopicKind => {
  if (tables.has(topic)) return 'table';
  return topic.includes('.refusal.') ? 'refusals' : 'facts';
};

/** Every topic but the dead-letter ones, which belong to a consumer group each. */
export const topics: readonly Topic[] = [
  ...[...new Set(notices.map((notice) => notice.topic))].map((name): Topic => ({ name, kind: 'notices' })),
  ...[...new Set(facts.map((fact) => fact.topic))].map((name): Topic => ({ name, kind: kindOf(name) })),
];

/** The wire type of every notice of a scene; which one it is stands in the body. */
export const noticeCeType = (scene: string): string => `cn.scenefi.${scene}.notice.received.v1`;

/** Where a consumer group puts what can never succeed. */
export const deadLetterTopic = (topic: string, group: string): string => `${topic}.${group}.dlq`;
