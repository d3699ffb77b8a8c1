import type { Collection } from './connection.ts';
import { mapped } from './errors.ts';

/** The state of one aggregate; undefined where there is none. */
export const stateOf = async (aggregates: Collection, id: string): Promise<unknown> =>
  (await mapped(() => aggregates.findOne({ _id: id }, { projection: { state: 1 } })))?.state;

/** How many of the matching aggregates are in which status. */
export const countByStatus = async (aggregates: Collection, match: object = {}): Promise<Record<string, number>> => {
  const stages = [{ $match: match }, { $group: { _id: '$state.status', count: { $sum: 1 } } }];
  const groups = await mapped(() => aggregates.aggregate<{ _id: string; count: number }>(stages).toArray());
  return Object.fromEntries(groups.map(({ _id, count }) => [_id, count]));
};
