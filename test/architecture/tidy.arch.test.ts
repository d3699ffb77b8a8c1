import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const limits = { fileLines: 300, functionLines: 70, lineCharacters: 140, packageFiles: 100, packageLines: 6_300 };

const sources = globSync(['{packages,services}/*/{src,test}/**/*.ts', 'scripts/**/*.{ts,mjs}', 'test/**/*.ts', '*.ts'], { cwd: root })
  .filter((path) => !path.includes('node_modules') && !path.includes('planted'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

const production = (path: string): boolean => /^(packages|services)\/[^/]+\/src\//.test(path);
const outsideRuntime = (path: string): boolean => production(path) && !/^packages\/(runtime|testing)\//.test(path);
const isTest = (path: string): boolean => /\.(unit|int|e2e|arch|docs)\.test\.ts$/.test(path);

/** A word, where it must not stand, and what to use instead. */
const banned: { word: RegExp; where: (path: string) => boolean; instead: string }[] = [
  { word: /\bDate\.now\b|new Date\(\)/, where: outsideRuntime, instead: 'the Clock port' },
  { word: /\bset(Timeout|Interval)\(/, where: outsideRuntime, instead: 'Clock.after' },
  { word: /\bMath\.random\b|\brandomUUID\b/, where: outsideRuntime, instead: 'the Random port' },
  { word: /\bconsole\./, where: () => true, instead: 'the Logger port, or process.stdout in a command' },
  { word: /\bas any\b|@ts-ignore|@ts-nocheck/, where: () => true, instead: 'a type that says what is known' },
  { word: /\b(TO)(DO)\b|\bFIX(ME)\b/, where: () => true, instead: 'doing it' },
  { word: /\b(describe|test|it)\.(skip|only|todo)\b/, where: isTest, instead: 'a test that runs' },
  { word: /\bset(Timeout|Interval)\b/, where: isTest, instead: 'a spy, or `until`' },
  { word: /^test\('[^']*\bshould\b/m, where: isTest, instead: 'a sentence about behaviour' },
];

const lines = (text: string): string[] => text.replace(/\n$/, '').split('\n');

/** A factory counts without the functions that it holds, since those are read one by one. */
const longFunctions = (path: string, text: string): string[] => {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  const linesOf = (node: ts.Node): number => lineOf(node.end) - lineOf(node.getStart(source)) + 1;
  /** Visits a node; answers how many lines of it belong to functions. */
  const visit = (node: ts.Node): number => {
    let inner = 0;
    ts.forEachChild(node, (child) => {
      inner += visit(child);
    });
    if (!ts.isFunctionLike(node) || !('body' in node) || !node.body) return inner;
    const length = linesOf(node);
    if (length - inner > limits.functionLines)
      found.push(`${path}:${lineOf(node.getStart(source)) + 1} is a function of ${length - inner} lines`);
    return length;
  };
  visit(source);
  return found;
};

test('files, functions and lines stay short', () => {
  const faults = sources.flatMap(({ path, text }) => [
    ...(lines(text).length > limits.fileLines ? [`${path} has ${lines(text).length} lines`] : []),
    ...lines(text).flatMap((line, index) =>
      line.length > limits.lineCharacters ? [`${path}:${index + 1} has ${line.length} characters`] : [],
    ),
    ...longFunctions(path, text),
  ]);
  expect(faults).toEqual([]);
});

test('banned words do not stand where they must not', () => {
  const faults = sources
    .filter(({ path }) => path !== 'test/architecture/tidy.arch.test.ts')
    .flatMap(({ path, text }) =>
      banned.filter(({ word, where }) => where(path) && word.test(text)).map(({ word, instead }) => `${path} has ${word}; use ${instead}`),
    );
  expect(faults).toEqual([]);
});

test('files are named after what they do', () => {
  const vague = /(^|\/)(utils?|helpers?|common|misc|types)\.ts$/;
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*((\.property)?\.(unit|int|e2e|arch|docs)\.test|\.config|\.d)?\.(m?ts|mjs)$/;
  const faults = sources.filter(({ path }) => vague.test(path) || !kebab.test(path.slice(path.lastIndexOf('/') + 1)));
  expect(faults.map(({ path }) => path)).toEqual([]);
});

test('the root holds nothing that nobody knows', () => {
  const known =
    /^(README\.md|LICENSE|(package|biome|tsconfig(\.base)?)\.json|pnpm-(lock|workspace)\.yaml|docker-compose\.yml|vitest\.config\.ts)$/;
  const folders = ['docs', 'infra', 'node_modules', 'packages', 'patches', 'scripts', 'services', 'test'];
  const strangers = readdirSync(root).filter((name) => !name.startsWith('.') && !known.test(name) && !folders.includes(name));
  expect(strangers).toEqual([]);
});

test('the packages stay small, and their size is printed', () => {
  const files = sources.filter(({ path }) => /^packages\/[^/]+\/src\//.test(path));
  const byPackage = Map.groupBy(files, ({ path }) => path.split('/')[1]!);
  const sizes = [...byPackage].map(([name, own]) => `${name} ${own.reduce((sum, { text }) => sum + lines(text).length, 0)}`);
  const total = files.reduce((sum, { text }) => sum + lines(text).length, 0);
  process.stdout.write(`packages: ${files.length} files, ${total} lines (${sizes.join(', ')})\n`);
  expect(total).toBeLessThanOrEqual(limits.packageLines);
  expect(files.length).toBeLessThanOrEqual(limits.packageFiles);
});
