import { connectRows, findAll, indexLikeAggregates, jsonOf, runStage } from './stage.ts';

type Notice = { type: string; timestamp: string; data: { billNo: string; studentNo: string; items: { amountFen: number }[] } };
type Paid = { paymentNo: string; channel: string; amountFen: number; paidAt: string };
type Bill = { status: string; terms: Notice['data']; paid: Paid[]; revision: number };

const hashBytes = 32;

const { rows, writeAll } = await connectRows();
const bills = rows('bills');
await indexLikeAggregates(bills);

/** What the other stages are told: the whole picture of the bill, and the payment where it is one. */
const factOf = (billNo: string, { status, terms, paid, revision }: Bill, payment: Paid | undefined): string => {
  const { items, studentNo, ...named } = terms;
  const amountFen = items.reduce((sum, item) => sum + item.amountFen, 0);
  const paidFen = paid.reduce((sum, one) => sum + one.amountFen, 0);
  const about = { payableId: billNo, scene: 'campus', partnerId: 'xinghe-primary', reference: billNo, accountId: studentNo };
  return JSON.stringify({ ...about, status, amountFen, paidFen, ...named, detail: { revision, items }, ...(payment && { payment }) });
};

await runStage(async (slice) => {
  const ids = [...new Set(slice.map(({ key }) => key!.toString()))];
  const found = await findAll(bills, ids);
  const changed = new Map<string, Awaited<ReturnType<typeof findAll>> extends Map<string, infer Document> ? Document : never>();
  const facts = slice.map((message) => {
    const id = message.key!.toString();
    const { type, data } = jsonOf<Notice>(message);
    const known = found.get(id);
    const document = changed.get(id) ?? {
      _id: id,
      rev: (known?.rev ?? 0) + 1,
      version: 0,
      recent: known?.recent ?? Buffer.alloc(0),
      out: [],
    };
    const before = (changed.get(id) ?? known)?.state as Bill | undefined;
    const payment = type === 'campus.bill.paid' ? (data as unknown as Paid) : undefined;
    const state: Bill = {
      status: payment ? 'paid' : 'issued',
      terms: before?.terms ?? data,
      paid: [...(before?.paid ?? []), ...(payment ? [payment] : [])],
      revision: before?.revision ?? 0,
    };
    const value = factOf(id, state, payment);
    const version = (document.version || (known?.version ?? 0)) + 1;
    const at = new Date().toISOString();
    const out = [...document.out, { version, type: 'cn.scenefi.campus.bill.changed.v1', time: at, value }];
    changed.set(id, { ...document, version, state, at, recent: Buffer.concat([document.recent, Buffer.alloc(hashBytes, version)]), out });
    return { key: id, value };
  });
  await writeAll(bills, [...changed.values()]);
  return facts;
});
