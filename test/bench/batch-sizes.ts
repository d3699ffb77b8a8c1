/** How many slices or produces were made, how much was in them, and the share of them up to each size. */
export type BatchSizes = { count: number; mean: number; upTo: Record<string, number> };

const lineOf = /^(\w+)_(bucket|sum|count)\{(.*)\} (\S+)$/;

/** Everything that a histogram of a service has counted since its start, added up over its labels except the size. */
export type Counted = { count: number; sum: number; buckets: Record<string, number> };

const none = (): Counted => ({ count: 0, sum: 0, buckets: {} });

/** Reads one histogram out of the text that a service shows on `/metrics`. */
export const readHistogram = (text: string, name: string): Counted => {
  const counted = none();
  for (const line of text.split('\n')) {
    const [, metric, kind, labels = '', value] = lineOf.exec(line) ?? [];
    if (metric !== name) continue;
    if (kind === 'count') counted.count += Number(value);
    else if (kind === 'sum') counted.sum += Number(value);
    else {
      const size = /le="([^"]+)"/.exec(labels)![1]!;
      counted.buckets[size] = (counted.buckets[size] ?? 0) + Number(value);
    }
  }
  return counted;
};

/** What was counted between two readings. */
export const sizesBetween = (before: Counted, after: Counted): BatchSizes => {
  const count = after.count - before.count;
  const upTo = Object.fromEntries(
    Object.entries(after.buckets)
      .filter(([size]) => size !== '+Inf')
      .map(([size, value]) => [size, (value - (before.buckets[size] ?? 0)) / Math.max(1, count)]),
  );
  return { count, mean: (after.sum - before.sum) / Math.max(1, count), upTo };
};

/** The same of a bare stage, which counts every slice in the one bucket that it belongs to. */
export const sizesOf = ({
  slices,
  messages,
  buckets,
}: {
  slices: number;
  messages: number;
  buckets: Record<string, number>;
}): BatchSizes => {
  let sum = 0;
  const upTo = Object.fromEntries(
    [1, 5, 10, 25, 50, 100, 250, 500].map((size) => {
      sum += buckets[String(size)] ?? 0;
      return [String(size), sum / Math.max(1, slices)];
    }),
  );
  return { count: slices, mean: messages / Math.max(1, slices), upTo };
};

/** Where half of the batches lie: `≤ 50`. */
export const middleOf = ({ upTo }: BatchSizes): string => {
  const size = Object.keys(upTo)
    .map(Number)
    .sort((left, right) => left - right)
    .find((limit) => upTo[String(limit)]! >= 0.5);
  return size === undefined ? '> 500' : `≤ ${size}`;
};
