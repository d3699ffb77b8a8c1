import { connectRows, jsonOf, runStage, safety } from './stage.ts';

type Payment = { paymentId: string; about: { payableId: string; partnerId: string }; amountFen: number; channel: string };

const { client, rows } = await connectRows();
const entries = rows('entries');
const balances = rows('balances');
await entries.createIndex({ paymentId: 1, at: 1 });
await entries.createIndex({ 'legs.account': 1, at: 1, _id: 1 });

/** What each account of this partition gains. */
const changesOf = (made: readonly { legs: { account: string; amountFen: number }[] }[], partition: number) => {
  const sums = new Map<string, { debitFen: number; creditFen: number }>();
  for (const { account, amountFen } of made.flatMap(({ legs }) => legs)) {
    const sum = sums.get(`${account}|${partition}`) ?? { debitFen: 0, creditFen: 0 };
    if (amountFen > 0) sum.debitFen += amountFen;
    else sum.creditFen -= amountFen;
    sums.set(`${account}|${partition}`, sum);
  }
  return [...sums].map(([_id, $inc]) => ({ updateOne: { filter: { _id }, update: { $inc }, upsert: true } }));
};

await runStage(async (slice, partition) => {
  const at = new Date().toISOString();
  const asked = slice.map((message) => {
    const { paymentId, about, amountFen, channel } = jsonOf<Payment>(message);
    const legs = [
      { account: `clearing:${channel}`, amountFen },
      { account: `payable:${about.partnerId}`, amountFen: -amountFen },
    ];
    return {
      _id: `${paymentId}:recorded`,
      paymentId,
      about,
      reason: 'recorded',
      businessDay: at.slice(0, 10),
      legs,
      postedFor: paymentId,
      at,
    };
  });
  await client.withSession((session) =>
    session.withTransaction(
      async () => {
        const standing = await entries.find({ _id: { $in: asked.map(({ _id }) => _id) } }, { session }).toArray();
        const known = new Set(standing.map(({ _id }) => _id));
        const fresh = asked.filter(({ _id }) => !known.has(_id));
        if (fresh.length === 0) return;
        await entries.insertMany(fresh, { session });
        await balances.bulkWrite(changesOf(fresh, partition), { session, ordered: true });
      },
      { ...safety },
    ),
  );
  return asked.map(({ _id, at: _at, postedFor: _postedFor, ...entry }) => ({
    key: _id,
    value: JSON.stringify({ entryId: _id, ...entry }),
  }));
});
