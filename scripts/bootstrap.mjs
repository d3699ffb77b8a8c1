// Runs on any Node from 20 on and before anything is installed: node scripts/bootstrap.mjs <command> [arguments...]
// Everything it has to say goes to stderr, so that the last line of a command's stdout stays the command's own.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { alive, startOf, waitLock } from './engines/pid-lock.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installer = join(root, 'node_modules', '.scenefi-installer');
const marker = join(root, 'node_modules', '.scenefi-installed');
const node = join(root, 'node_modules', '.bin', 'node');
const pnpm = 'pnpm@12.21.0';

class Refusal extends Error {}

const say = (line) => process.stderr.write(`${line}\n`);

const walk = (folder, wanted) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : walk(path, wanted);
    return wanted(entry.name) ? [path] : [];
  });

const manifests = () => [
  ...['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', 'package.json'].map((name) => join(root, name)),
  ...['packages', 'services'].flatMap((name) =>
    existsSync(join(root, name)) ? walk(join(root, name), (file) => file === 'package.json') : [],
  ),
  ...(existsSync(join(root, 'patches')) ? walk(join(root, 'patches'), () => true) : []),
];

const fingerprint = () => {
  // The platform counts, because node_modules holds a Node for one platform only.
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`);
  for (const path of manifests().filter(existsSync).sort()) {
    hash.update(`\0${relative(root, path)}\0`).update(readFileSync(path));
  }
  return hash.digest('hex');
};

const installed = () => existsSync(node) && existsSync(marker) && readFileSync(marker, 'utf8').trim() === fingerprint();

const hasTerminal = () => {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
};

const stop = new AbortController();
let stopSignal;
let child;

const listenForSignals = () => {
  // A terminal's Ctrl-C and hang-up reach the child by themselves; passed on, they would reach it twice and read as "stop at once".
  const fromTerminal = hasTerminal();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(name, () => {
      stopSignal ??= name;
      stop.abort();
      if (name === 'SIGTERM' || !fromTerminal) child?.kill(name);
    });
  }
};

const exitCodeOf = (code, signal) => code ?? 128 + (constants.signals[signal] ?? 0);

/** Runs a program to its end: its exit code, and 128 + n when signal n ended it. */
const run = (file, args, stdio, onStart) =>
  new Promise((resolve, reject) => {
    child = spawn(file, args, { cwd: root, stdio });
    child.once('error', reject);
    child.once('spawn', () => onStart?.(child.pid));
    child.once('exit', (code, signal) => {
      child = undefined;
      resolve(exitCodeOf(code, signal));
    });
  });

const runInstall = async () => {
  const args = ['--yes', pnpm, 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'];
  try {
    return await run('npx', args, ['ignore', 2, 2], (pid) =>
      writeFileSync(installer, JSON.stringify({ pid, started: startOf(pid) ?? '' })),
    );
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    throw new Refusal('npx is not on PATH: install Node.js 20 or later together with npm, then run the same command again.');
  }
};

// A bootstrap that was killed leaves its installer running, and two installers at once would spoil node_modules.
const waitForOrphan = async () => {
  if (!existsSync(installer)) return;
  const orphan = JSON.parse(readFileSync(installer, 'utf8') || '{}');
  if (alive(orphan)) say(`An installation that was cut off is still going on (pid ${orphan.pid}); waiting for it.`);
  while (alive(orphan)) await sleep(250, undefined, { signal: stop.signal });
};

const install = async () => {
  mkdirSync(dirname(marker), { recursive: true });
  const lock = await waitLock(join(root, 'node_modules', '.scenefi-installing'), {
    signal: stop.signal,
    onWait: (pid) => say(`Another process (${pid}) is installing the dependencies; waiting for it.`),
  });
  try {
    if (installed()) return;
    await waitForOrphan();
    const wanted = fingerprint();
    say('Installing the dependencies; this happens once and after they change.');
    rmSync(marker, { force: true });
    const code = await runInstall();
    if (stopSignal) return;
    if (code !== 0 || !existsSync(node)) {
      throw new Refusal(
        `The dependencies could not be installed (exit code ${code}, reason above): most often the package registry cannot be ` +
          'reached or the disk is full; mend that, then run the same command again.',
      );
    }
    writeFileSync(marker, `${wanted}\n`);
  } finally {
    lock.release();
  }
};

const scriptOf = (command) => {
  const known = readdirSync(join(root, 'scripts')).flatMap((name) => (name.endsWith('.ts') ? [name.slice(0, -3)] : []));
  if (command && known.includes(command)) return join('scripts', `${command}.ts`);
  const list = known.sort().join(', ');
  throw new Refusal(command ? `Unknown command "${command}"; there are: ${list}.` : `Say which command to run; there are: ${list}.`);
};

const main = async () => {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new Refusal(`Node.js ${process.versions.node} is too old: install Node.js 20 or later, then run the same command again.`);
  }
  const [command, ...args] = process.argv.slice(2);
  const script = scriptOf(command);
  listenForSignals();
  if (!installed()) await install();
  if (stopSignal) return exitCodeOf(null, stopSignal);
  return run(node, [script, ...args], 'inherit');
};

try {
  process.exitCode = await main();
} catch (error) {
  if (stopSignal) process.exitCode = exitCodeOf(null, stopSignal);
  else if (error instanceof Refusal) {
    say(error.message);
    process.exitCode = 1;
  } else throw error;
}
