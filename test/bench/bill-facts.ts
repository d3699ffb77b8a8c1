import { createSecretKey, randomBytes } from 'node:crypto';
import { accountIds, BillIssuedNotice, BillPaidNotice, billIds, CampusBill } from '@scenefi/contracts';
import type { Unit } from '@scenefi/engine';
import { keyedHash, maskedName, sumFen, toInstant } from '@scenefi/kernel';
import { issuedNotice, paidNotice } from './notices.ts';
import { partnerId } from './our-services.ts';
import { factUnit } from './units.ts';

const idKey = createSecretKey(randomBytes(32));

const pictureOf = (run: string, index: number) => {
  const { billNo, studentNo, holderName, title, items, dueAt, payableAfterDue, schoolName, selection } = BillIssuedNotice.read(
    issuedNotice(run, index).data,
  );
  return {
    payableId: billIds.of(partnerId, billNo),
    scene: 'campus',
    partnerId,
    reference: billNo,
    accountId: accountIds.keyed(idKey, 'campus', partnerId, studentNo),
    holderHash: keyedHash(idKey, 'campus', partnerId, studentNo, holderName),
    holderMasked: maskedName(holderName),
    title,
    status: 'issued',
    amountFen: sumFen(items.map(({ amountFen }) => amountFen)),
    paidFen: 0,
    dueAt: toInstant(dueAt),
    payableAfterDue,
    detail: { schoolName, selection, revision: 0, items },
  };
};

const causeOf = (type: string, run: string, index: number): string => `${partnerId}:${type}-${run}-${index}`;

/** Version 1 of a bill. */
export const billedFact = (run: string, index: number): Unit =>
  factUnit({
    fact: CampusBill.billed,
    service: 'campus',
    version: 1,
    cause: causeOf(BillIssuedNotice.type, run, index),
    data: pictureOf(run, index),
  });

/** Version 2 of the same bill. */
export const paidElsewhereFact = (run: string, index: number): Unit => {
  const picture = pictureOf(run, index);
  const { paymentNo, channel, amountFen, paidAt } = BillPaidNotice.read(paidNotice(run, index).data);
  const payment = { paymentNo, channel, amountFen, paidAt: toInstant(paidAt), fit: 'exact', allocation: 'payable' };
  return factUnit({
    fact: CampusBill.paidElsewhere,
    service: 'campus',
    version: 2,
    cause: causeOf(BillPaidNotice.type, run, index),
    data: { ...picture, status: 'paid-elsewhere', paidFen: amountFen, payment },
  });
};
