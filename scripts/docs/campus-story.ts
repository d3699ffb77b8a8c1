import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { billLifecycle } from '../../services/campus/src/lifecycle.ts';
import { paymentLifecycle } from '../../services/payments/src/payment-state.ts';
import { appEndings, endings } from '../../services/sandbox/src/endings.ts';
import type { Expected } from '../../services/sandbox/src/expected.ts';
import { planAppBill, planBill } from '../../services/sandbox/src/plan.ts';
import { diagramOf } from './markdown.ts';

/** The words of the page; the marks in it are filled by the code. */
const words = readFileSync(join(import.meta.dirname, 'campus-story.md'), 'utf8');

const numbers = { run: 'docs', index: 1, nowMs: Date.parse('2026-09-01T00:00:00.000Z'), dueSoonMs: 5_000 };
const school = { partnerId: 'a-school', schoolName: '学校' };
/** Only their contracts matter here; nothing is signed. */
const partners = (['queue', 'reverse'] as const).map((onSilence) => ({ partnerId: `a-${onSilence}`, name: '学校', onSilence }) as never);

/** How often each stands in a list, `settled` and `9 × refused`. */
const counted = (texts: readonly string[]): string => {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => (count === 1 ? text : `${count} × ${text}`)).join('<br>');
};

const because = (code: string | readonly string[] | undefined): string => (code === undefined ? '' : ` (${[code].flat().join(' or ')})`);

/** Of payments of which one wins, whichever it is, the one and the others are told. */
const appOf = ({ app = [] }: Expected): string => {
  const winner = app.find(({ oneOf }) => oneOf);
  const others = winner ? app.filter((payment) => payment !== winner) : app;
  const told = others.map(({ status, code, returned, queue }) =>
    [`${status}${because(code)}`, ...(returned ? ['held for the customer'] : []), ...(queue ? [`people: ${queue}`] : [])].join(', '),
  );
  return counted([...(winner?.oneOf ? [winner.oneOf] : []), ...told]);
};

const elsewhereOf = ({ payments }: Expected): string =>
  counted(
    payments.map(({ channel, status, fit, queue }) => {
      const told = [channel, ...(fit === 'exact' ? [] : [fit]), ...(status === 'reversed' ? ['voided'] : [])];
      return [...told, ...(queue ? [`people: ${queue}`] : [])].join(', ');
    }),
  );

const refundsOf = ({ refunds = [] }: Expected): string => counted(refunds.map(({ end, code }) => `${end}${because(code)}`));
const refusedOf = ({ deadLetters, refusedKept }: Expected): string => counted([...deadLetters, ...refusedKept].map(({ code }) => code));

const nameOf = (ending: string): string => ending.replaceAll('-', ' ');

const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`;

const appTable = (): string[] => [
  row('what happens', 'the bill ends', 'payments of the app', 'at the school', 'refunds', 'refused notices'),
  row(...Array.from({ length: 6 }, () => '---')),
  ...Object.keys(appEndings).map((ending) => {
    const { expected } = planAppBill(1, ending, { ...numbers, partners });
    return row(nameOf(ending), `\`${expected.bill}\``, appOf(expected), elsewhereOf(expected), refundsOf(expected), refusedOf(expected));
  }),
];

const schoolTable = (): string[] => [
  row('what happens', 'the bill ends', 'at the school', 'refused notices'),
  row(...Array.from({ length: 4 }, () => '---')),
  ...Object.keys(endings).map((ending) => {
    const { expected } = planBill(1, ending, { ...numbers, ...school });
    return row(nameOf(ending), `\`${expected.bill}\``, elsewhereOf(expected), refusedOf(expected));
  }),
];

const parts: Readonly<Record<string, () => string>> = {
  'lifecycle of a bill': () => diagramOf(billLifecycle),
  'lifecycle of a payment': () => diagramOf(paymentLifecycle),
  'endings with the app': () => appTable().join('\n'),
  'endings at the school': () => schoolTable().join('\n'),
};

/** The story of a school's bill for people of the bank: its words, its diagrams, and every ending that `npm start -- --once` plays. */
export const campusStory = (): string =>
  words.replaceAll(/<!-- (.+) -->\n/g, (_mark, name: string) => {
    const part = parts[name];
    if (!part) throw new Error(`the story has no part "${name}"`);
    return `${part()}\n`;
  });
