/** A document as the database keeps it. */
export type Doc = { readonly _id: string } & Readonly<Record<string, unknown>>;
export type Filter = Readonly<Record<string, unknown>>;
export type Update = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A copy that nobody else holds; what is undefined is left out, as the driver is told to. */
export const copyOf = <Value>(value: Value): Value => {
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value) || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(copyOf) as Value;
  const copy: Record<string, unknown> = {};
  for (const name in value) if (value[name] !== undefined) copy[name] = copyOf(value[name]);
  return copy as Value;
};

export const valueAt = (doc: Doc, path: string): unknown => {
  if (!path.includes('.')) return doc[path];
  let value: unknown = doc;
  for (const name of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return value;
};

const isSame = (left: unknown, right: unknown): boolean => left === right || ((left ?? null) === null && (right ?? null) === null);

/** A list has a value if it is one of its items. */
const has = (value: unknown, wanted: unknown): boolean =>
  isSame(value, wanted) || (Array.isArray(value) && value.some((item) => isSame(item, wanted)));

/** Only what is of one kind has an order. */
const compare = (left: unknown, right: unknown): number | undefined => {
  if (typeof left !== typeof right || (typeof left !== 'string' && typeof left !== 'number')) return undefined;
  if (left === right) return 0;
  return left < (right as typeof left) ? -1 : 1;
};

const words: Readonly<Record<string, (value: unknown, wanted: unknown) => boolean>> = {
  $in: (value, wanted) => (wanted as readonly unknown[]).some((one) => has(value, one)),
  $exists: (value, wanted) => (value !== undefined) === wanted,
  $lte: (value, wanted) => (compare(value, wanted) ?? 1) <= 0,
  $lt: (value, wanted) => (compare(value, wanted) ?? 1) < 0,
  $gte: (value, wanted) => (compare(value, wanted) ?? -1) >= 0,
  $gt: (value, wanted) => (compare(value, wanted) ?? -1) > 0,
};

const isWords = (condition: unknown): condition is Record<string, unknown> =>
  condition !== null && typeof condition === 'object' && Object.keys(condition)[0]?.startsWith('$') === true;

const meets = (value: unknown, condition: unknown): boolean => {
  if (!isWords(condition)) return has(value, condition);
  return Object.entries(condition).every(([word, wanted]) => {
    const test = words[word];
    if (!test) throw new Error(`the database of the simulation does not know ${word}`);
    return test(value, wanted);
  });
};

export const matches = (doc: Doc, filter: Filter): boolean => {
  for (const path in filter) if (!meets(valueAt(doc, path), filter[path])) return false;
  return true;
};

const folds: Readonly<Record<string, (before: unknown, by: unknown) => unknown>> = {
  $set: (_before, by) => by,
  $inc: (before, by) => ((before as number | undefined) ?? 0) + (by as number),
  $max: (before, by) => (before === undefined || (compare(before, by) ?? 0) < 0 ? by : before),
  $unset: () => undefined,
};

/** The document after an update; `isNew` where the update makes it. */
export const updated = (doc: Doc, update: Update, isNew: boolean): Doc => {
  const after: Record<string, unknown> = { ...doc };
  for (const [word, fields] of Object.entries(update)) {
    if (word === '$setOnInsert' && !isNew) continue;
    const fold = word === '$setOnInsert' ? folds.$set : folds[word];
    if (!fold) throw new Error(`the database of the simulation does not know ${word}`);
    for (const [name, by] of Object.entries(fields)) {
      if (name.includes('.')) throw new Error('the database of the simulation updates whole fields only');
      after[name] = fold(after[name], by);
    }
  }
  return copyOf(after) as Doc;
};

/** Sorted by fields, 1 for rising and -1 for falling. */
export const sorted = (docs: readonly Doc[], sort: Readonly<Record<string, number>>): Doc[] =>
  [...docs].sort((left, right) => {
    for (const [path, direction] of Object.entries(sort)) {
      const order = compare(valueAt(left, path), valueAt(right, path)) ?? 0;
      if (order !== 0) return order * direction;
    }
    return 0;
  });
