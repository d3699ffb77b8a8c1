/** The last line of a process that was killed may be torn; any other broken line is an error. */
export const parseLines = <Line>(text: string): Line[] => {
  const lines = text.split('\n');
  const torn = lines.pop();
  const parsed = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
  if (torn) {
    try {
      parsed.push(JSON.parse(torn) as Line);
    } catch {
      return parsed;
    }
  }
  return parsed;
};
