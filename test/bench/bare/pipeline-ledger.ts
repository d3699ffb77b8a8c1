import { openBooks } from './books.ts';
import { jsonOf, runStage, safety } from './stage.ts';

type Payment = { paymentId: string; about: { payableId: string; partnerId: string }; amountFen: number; channel: string };

const { client, entries, post } = await openBooks();

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
        if (fresh.length > 0) await post(fresh, () => partition, session);
      },
      { ...safety },
    ),
  );
  return asked.map(({ _id, at: _at, postedFor: _postedFor, ...entry }) => ({
    key: _id,
    value: JSON.stringify({ entryId: _id, ...entry }),
  }));
});
