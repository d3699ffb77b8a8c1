import { connectRows, findAll, indexLikeAggregates, jsonOf, runStage } from './stage.ts';

type Fact = {
  payableId: string;
  scene: string;
  partnerId: string;
  payment?: { paymentNo: string; channel: string; amountFen: number; paidAt: string };
};

const hashBytes = 32;

const { rows, writeAll } = await connectRows();
const payments = rows('payments');
await indexLikeAggregates(payments);
await payments.createIndex({ 'state.queue.since': 1 }, { sparse: true });

await runStage(async (slice) => {
  const paid = slice.map((message) => jsonOf<Fact>(message)).filter(({ payment }) => payment);
  if (paid.length === 0) return [];
  const idOf = ({ payableId, payment }: Fact): string => `${payableId}:${payment!.paymentNo}`;
  const found = await findAll(payments, paid.map(idOf));
  const made = paid
    .filter((fact) => !found.has(idOf(fact)))
    .map((fact) => {
      const { scene, partnerId, payableId, payment } = fact;
      const { paymentNo: reference, ...rest } = payment!;
      const received = { about: { scene, partnerId, payableId }, reference, ...rest, allocation: 'payable' };
      const paymentId = idOf(fact);
      const value = JSON.stringify({ paymentId, status: 'recorded', reversedFen: 0, ...received });
      const at = new Date().toISOString();
      const out = [{ version: 1, type: 'cn.scenefi.payments.payment.recorded.v1', time: at, value }];
      const state = { status: 'recorded', received, refunds: [], calls: [] };
      return { document: { _id: paymentId, rev: 1, version: 1, state, at, recent: Buffer.alloc(hashBytes, 1), out }, value };
    });
  await writeAll(
    payments,
    made.map(({ document }) => document),
  );
  return made.map(({ document, value }) => ({ key: document._id, value }));
});
