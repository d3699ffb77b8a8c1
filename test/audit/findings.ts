/** One discrepancy: a sentence for people, and how many effects it means are missing or there too often. */
export type Finding = { problem: string; lost?: number; doubled?: number };

const tally = (names: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};

/** Compares what must have happened with what did: each effect exactly as often, and no other. */
export const compareEffects = (subject: string, expected: readonly string[], actual: readonly string[]): Finding[] => {
  const wanted = tally(expected);
  const found = tally(actual);
  const findings: Finding[] = [];
  for (const [effect, count] of wanted) {
    const times = found.get(effect) ?? 0;
    if (times < count) findings.push({ problem: `${subject}: ${effect} is missing`, lost: count - times });
    if (times > count)
      findings.push({ problem: `${subject}: ${effect} stands there ${times} times instead of ${count}`, doubled: times - count });
  }
  for (const effect of found.keys()) if (!wanted.has(effect)) findings.push({ problem: `${subject}: ${effect} was not expected` });
  return findings;
};
