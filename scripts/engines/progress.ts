/** A time as a person says it: "40 s", "3 min". */
export const spoken = (ms: number): string => (ms < 90_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`);

/** Says a line now and then while the work goes on, so that a long wait is never a silent one. */
export const withProgress = async <Value>(
  everyMs: number,
  say: (line: string) => void,
  line: (elapsedMs: number) => string,
  work: () => Promise<Value>,
): Promise<Value> => {
  const startedAt = Date.now();
  const timer = setInterval(() => say(line(Date.now() - startedAt)), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
};
