import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { runTool } from '../../scripts/engines/program.ts';
import { FuzzError, type Surroundings } from './schemathesis.ts';

const hooks = join(import.meta.dirname, 'hooks.py');

/** What every answer must keep to; which requests are refused is for the services' own tests to say. */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'response_headers_conformance',
].join(',');

const Report = z.object({
  operations: z.object({ total: z.int(), tested: z.int() }),
  test_cases: z.object({ generated: z.int() }),
});

export type Finding = { operation: string; faults: string[]; curl?: string };
export type Attacked = { service: string; operations: number; cases: number; findings: Finding[]; logPath: string };

type Attack = Surroundings & {
  python: string;
  service: string;
  url: string;
  folder: string;
  examples: number;
  seed: number;
};

const heading = /^_{3,} (.+?) _{3,}$/;
const fault = /^- (.+)$/;
const received = /^ {4}((?:Received|Documented): .+)$/;

/** What schemathesis found, read from the words that it prints for people: its reports leave the request out. */
export const findingsIn = (output: readonly string[]): Finding[] => {
  const findings: Finding[] = [];
  let operation = '';
  let faults: string[] = [];
  for (const line of output) {
    operation = heading.exec(line)?.[1] ?? operation;
    const named = fault.exec(line)?.[1] ?? received.exec(line)?.[1];
    if (named) faults.push(named);
    if (!line.startsWith('    curl ')) continue;
    findings.push({ operation, faults, curl: line.trim() });
    faults = [];
  }
  return findings;
};

/** Sends made-up requests to every operation that a running service describes, and judges the answers by that description. */
export const attack = async ({ python, service, url, folder, examples, seed, env, signal }: Attack): Promise<Attacked> => {
  const logPath = join(folder, `${service}.log`);
  const reportPath = join(folder, `${service}.json`);
  const kinds = ['--phases', 'examples,coverage,fuzzing', '--checks', checks, '--max-examples', String(examples), '--seed', String(seed)];
  const forms = ['--continue-on-failure', '--generation-database', 'none', '--warnings', 'off', '--no-color'];
  const report = ['--report', 'json', '--report-json-path', reportPath, '--request-timeout', '60'];
  const { output } = await runTool({
    file: python,
    args: ['-m', 'schemathesis.cli', 'run', `${url}/openapi.json`, '--url', url, ...kinds, ...forms, ...report],
    cwd: folder,
    env: { ...env, SCHEMATHESIS_HOOKS: hooks, NO_PROXY: '127.0.0.1', COLUMNS: '200', PYTHONDONTWRITEBYTECODE: '1' },
    signal,
  });
  writeFileSync(logPath, `${output.join('\n')}\n`);
  return { service, ...judged(output, reportPath), logPath };
};

/** A run that tried nothing, or not everything, is no proof of anything. */
const judged = (output: readonly string[], reportPath: string): Omit<Attacked, 'service' | 'logPath'> => {
  const findings = findingsIn(output);
  try {
    const { operations, test_cases } = Report.parse(JSON.parse(readFileSync(reportPath, 'utf8')));
    if (operations.tested < operations.total || operations.total === 0 || test_cases.generated === 0)
      findings.push({ operation: 'the whole run', faults: [`${operations.tested} of ${operations.total} operations were tried`] });
    return { operations: operations.tested, cases: test_cases.generated, findings };
  } catch (cause) {
    throw new FuzzError(`schemathesis did not come to an end: "${output.findLast((line) => line.trim() !== '') ?? 'it said nothing'}".`, {
      cause,
    });
  }
};
