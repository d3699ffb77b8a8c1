import { connectRows, findAll, indexLikeAggregates, jsonOf, runStage } from './stage.ts';

type Fact = { payableId: string; accountId: string; holderName: string };

const hashBytes = 32;

/** `bills` shows each bill as it was told last; `accounts` keeps the first that was told of each account. */
const what = process.env.VIEW as 'bills' | 'accounts';

const { rows, writeAll } = await connectRows();
const view = rows(`view_${what}`);
await indexLikeAggregates(view);
if (what === 'bills') await view.createIndex({ 'state.picture.accountId': 1, 'state.picture.dueAt': 1, _id: 1 });

await runStage(async (slice) => {
  const pictures = new Map<string, Fact>();
  for (const message of slice) {
    const fact = jsonOf<Fact>(message);
    pictures.set(what === 'bills' ? fact.payableId : fact.accountId, fact);
  }
  const found = await findAll(view, [...pictures.keys()]);
  const documents = [...pictures].flatMap(([_id, picture]) => {
    const known = found.get(_id);
    if (what === 'accounts' && known) return [];
    const rev = (known?.rev ?? 0) + 1;
    const state = what === 'bills' ? { version: rev, picture, history: [] } : { holder: picture.holderName, watchers: [] };
    const recent = Buffer.concat([known?.recent ?? Buffer.alloc(0), Buffer.alloc(hashBytes, rev)]);
    return [{ _id, rev, version: 0, state, at: new Date().toISOString(), recent, out: [] }];
  });
  await writeAll(view, documents);
  return [];
});
