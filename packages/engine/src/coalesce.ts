type Call<Item, Answer> = { items: readonly Item[]; resolve: (answers: Answer[]) => void; reject: (error: unknown) => void };

export type CoalesceLimits = { itemsMax: number; atOnce: number };

/**
 * The same work for many callers: calls of one moment, and those that come while `atOnce` are under way, are one call of up to `itemsMax`
 * items. A call is never split, calls begin in their order, and where the work rejects, all that were in it reject.
 */
export const coalesce = <Item, Answer>(work: (items: readonly Item[]) => Promise<Answer[]>, { itemsMax, atOnce }: CoalesceLimits) => {
  const waiting: Call<Item, Answer>[] = [];
  let lanes = 0;

  const nextCalls = (): Call<Item, Answer>[] => {
    let items = 0;
    const tooMany = waiting.findIndex((call, index) => {
      items += call.items.length;
      return index > 0 && items > itemsMax;
    });
    return waiting.splice(0, tooMany === -1 ? waiting.length : tooMany);
  };

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const calls = nextCalls();
      try {
        const answers = await work(calls.flatMap(({ items }) => items));
        let from = 0;
        for (const { items, resolve } of calls) {
          resolve(answers.slice(from, from + items.length));
          from += items.length;
        }
      } catch (error) {
        for (const { reject } of calls) reject(error);
      }
    }
    lanes -= 1;
  };

  return (items: readonly Item[]): Promise<Answer[]> =>
    new Promise((resolve, reject) => {
      waiting.push({ items, resolve, reject });
      if (lanes === atOnce) return;
      lanes += 1;
      // After the current turn of the event loop's microtasks, so that callers of one moment meet.
      void Promise.resolve().then(run);
    });
};
