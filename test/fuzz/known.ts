import { billIds } from '@scenefi/contracts';
import { until } from '@scenefi/testing/engines';
import { appUser, issueBill } from '../e2e/app-user.ts';
import { type Cluster, internalToken } from '../e2e/cluster.ts';

/** Lets one customer pay one bill, so that made-up requests have something to be about; answers what the hooks must be told. */
export const prepareKnown = async (cluster: Cluster): Promise<Record<string, string>> => {
  const school = cluster.schools[0]!;
  const user = await appUser(cluster, 'somebody');
  const paid = await issueBill(cluster, school, 'known');
  const open = await issueBill(cluster, school, 'known-and-open', paid.studentNo);
  const linkId = await until('the bills are there to be linked', async () => {
    const { status, body } = await user.link(paid);
    return status === 200 && (body.linkedAccount as { linkId: string }).linkId;
  });
  const billId = billIds.of(school.partnerId, paid.billNo);
  const openBillId = billIds.of(school.partnerId, open.billNo);
  await user.bill(billId, 'issued');
  await user.bill(openBillId, 'issued');
  const payFrom = await user.account();
  const { body } = await user.pay(billId, paid.amountFen, payFrom, 'known');
  const { paymentId } = await user.payment(body.payment.paymentId, 'settled');
  const { partnerId, secret } = school;
  const common = { paymentId, linkId, partnerId, payFrom, accountNo: payFrom, account: 'clearing:campus', customerId: user.customerId };
  return {
    FUZZ_PARTNER: partnerId,
    FUZZ_SECRET: secret,
    FUZZ_INTERNAL_TOKEN: internalToken,
    FUZZ_ACCESS_TOKEN: user.token,
    FUZZ_KNOWN: JSON.stringify([
      { ...common, billId, billNo: paid.billNo },
      { ...common, billId: openBillId, billNo: open.billNo },
    ]),
  };
};
