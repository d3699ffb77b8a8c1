import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser';
import { expect, test } from 'vitest';
import { forbidden } from './rules.ts';

const root = join(import.meta.dirname, '..', '..');

const cruised = async (folders: string[]): Promise<ICruiseResult> => {
  const ruleSet: IFlattenedRuleSet = { forbidden };
  const options = { baseDir: root, ruleSet, validate: true, tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } };
  const { output } = await cruise(folders, options, {
    extensions: ['.ts', '.mjs', '.js'],
    conditionNames: ['import', 'node', 'default'],
    exportsFields: ['exports'],
  });
  if (typeof output === 'string') throw new Error('dependency-cruiser gave text');
  return output;
};

const violations = ({ summary }: ICruiseResult): string[] =>
  summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);

/** One file per rule that breaks it. */
const planted: Record<string, string> = {
  'packages/kernel/src/planted.ts': "export * from '../../engine/src/index.ts';",
  'packages/contracts/src/planted.ts': "export * from '@scenefi/engine';",
  'packages/engine/src/planted.ts': "export * from '@scenefi/bus';",
  'packages/runtime/src/planted.ts': "export * from '@scenefi/testing/scenario';",
  'packages/bus/src/planted.ts': "export * from '@scenefi/store';",
  'packages/http/src/planted.ts': "export * from '../../../services/campus/src/items.ts';",
  'services/campus/src/planted.ts':
    "export * from '@scenefi/engine';\nexport * from 'kafkajs';\nexport * from 'mongoose';\nexport * from 'fastify';",
  'services/payments/src/planted.ts': "export * from '../../campus/src/items.ts';\nexport * from '../../../packages/kernel/src/money.ts';",
  'services/ledger/src/planted.ts': "export * from './planted-too.ts';",
  'services/ledger/src/planted-too.ts': "export * from './planted.ts';",
};

test('every rule catches a planted violation, so that a tool that sees nothing is seen', async () => {
  try {
    for (const [path, text] of Object.entries(planted)) writeFileSync(join(root, path), `${text}\n`);
    const { summary } = await cruised(['packages', 'services']);
    const broken = new Set(summary.violations.filter(({ from }) => from.includes('planted')).map(({ rule }) => rule.name));
    const silent = forbidden.map(({ name }) => name).filter((name) => !broken.has(name!));
    expect(silent).toEqual([]);
  } finally {
    for (const path of Object.keys(planted)) rmSync(join(root, path), { force: true });
  }
});

test('every module keeps to the architecture', async () => {
  const result = await cruised(['packages', 'services']);
  expect(result.summary.totalCruised).toBeGreaterThan(100);
  expect(violations(result)).toEqual([]);
});
