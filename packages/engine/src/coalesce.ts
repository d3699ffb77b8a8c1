type Call<Item, Answer> = { items: readonly Item[]; resolve: (answers: Answer[]) => void; reject: (error: unknown) => void };

/**
 * The same work, one call after another: calls of one moment, and those that come while one is under way, are one call of up to `itemsMax`
 * items. A call is never split, calls keep their order, and where the work rejects, all that were in it reject.
 */
export const coalesce = <Item, Answer>(work: (items: readonly Item[]) => Promise<Answer[]>, itemsMax = 500) => {
  const waiting: Call<Item, Answer>[] = [];
  let busy = false;

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
    busy = false;
  };

  return (items: readonly Item[]): Promise<Answer[]> =>
    new Promise((resolve, reject) => {
      waiting.push({ items, resolve, reject });
      if (busy) return;
      busy = true;
      // After the current turn of the event loop's microtasks, so that callers of one moment meet.
      void Promise.resolve().then(run);
    });
};
