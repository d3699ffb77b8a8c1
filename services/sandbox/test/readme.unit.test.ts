import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endings } from '../src/bank/accounts.ts';
import { SandboxConfig } from '../src/config.ts';
import { scripts } from '../src/schools/scripts.ts';
import { WorldConfig } from '../src/world-config.ts';

const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');

/** The first cells of the tables under a heading, up to the next one of any kind. */
const rowsUnder = (heading: string): string[] => {
  const section = readme.split(`\n${heading}\n`)[1]?.split('\n#')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name!);
};

test('the README tells of every account ending, every word of a school, every setting and every table of endings of the app', () => {
  expect(rowsUnder('## Account endings')).toEqual(Object.keys(endings).sort());
  expect(rowsUnder('## School words').sort()).toEqual(Object.keys(scripts).sort());
  expect(rowsUnder('## Traffic').sort()).toEqual(Object.keys(SandboxConfig.shape).sort());
  const tables = globSync('src/endings-{app,refunds}*.ts', { cwd: join(import.meta.dirname, '..') });
  expect(rowsUnder('### Endings of the app').sort()).toEqual(tables.sort());
  expect(rowsUnder('## The world').sort()).toEqual(Object.keys(WorldConfig.shape).sort());
});
