import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { brokersAt, helloOf } from './answers.ts';
import type { Climb, EngineName, Held } from './engine.ts';
import { freePorts } from './ports.ts';
import { findProgram, runTool } from './program.ts';
import { spoken, withProgress } from './progress.ts';

const root = join(import.meta.dirname, '..', '..');
const askMs = 8_000;
const pullMs = 600_000;
const startMs = 180_000;
const settleMs = 20_000;

const images: Record<EngineName, string> = { kafka: 'apache/kafka:4.3.1', mongo: 'mongo:8' };
const words: Record<EngineName, string> = { kafka: 'Kafka', mongo: 'MongoDB' };
const portDefault: Record<EngineName, number> = { kafka: 19_092, mongo: 27_117 };

/** The compose project of a data folder, so that two folders never share a container or a volume. */
export const projectOf = (dataDir: string): string => `scenefi-${createHash('sha256').update(dataDir).digest('hex').slice(0, 8)}`;

type Asked = { ok: boolean; last: string };
type Ask = (args: string[], timeoutMs: number) => Promise<Asked>;

const asker =
  (docker: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Ask =>
  async (args, timeoutMs) => {
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const { exitCode, output } = await runTool({ file: docker, args, cwd: root, env, signal: AbortSignal.any([signal, late]) });
      return { ok: exitCode === 0, last: output.findLast((line) => line.trim())?.trim() ?? '' };
    } catch (error) {
      signal.throwIfAborted();
      if (late.aborted) return { ok: false, last: `no answer in ${spoken(timeoutMs)}` };
      throw error;
    }
  };

const compose = (dataDir: string): string[] => ['compose', '-f', join(root, 'docker-compose.yml'), '-p', projectOf(dataDir)];

const whyNoDocker = async (ask: Ask): Promise<string | undefined> => {
  if (!(await ask(['info', '--format', '{{.ServerVersion}}'], askMs)).ok) return 'no Docker engine answers';
  if (!(await ask(['compose', 'version'], askMs)).ok) return 'Docker has no compose command';
  return undefined;
};

const getImage = async (name: EngineName, ask: Ask, { dataDir, say }: Climb): Promise<boolean> => {
  if ((await ask(['image', 'inspect', images[name]], askMs)).ok) return true;
  say(`Pulling the image ${images[name]}; this happens once and takes 20 s to 5 min.`);
  const line = (elapsedMs: number) => `Pulling the image ${images[name]}: ${spoken(elapsedMs)} so far.`;
  const pulled = await withProgress(20_000, say, line, () => ask([...compose(dataDir), 'pull', name], pullMs));
  if (!pulled.ok) say(`The image ${images[name]} cannot be pulled (${pulled.last}), so ${words[name]} runs natively.`);
  return pulled.ok;
};

const addressOf = (name: EngineName, port: number): string =>
  name === 'kafka' ? `127.0.0.1:${port}` : `mongodb://127.0.0.1:${port}/?replicaSet=rs0`;

const answers = async (name: EngineName, address: string, signal: AbortSignal): Promise<boolean> => {
  const giveUpAt = Date.now() + settleMs;
  while (Date.now() < giveUpAt) {
    const asked = name === 'kafka' ? brokersAt(address, 2_000) : helloOf(address, 2_000).then(() => 1);
    if ((await asked.catch(() => 0)) > 0) return true;
    await sleep(200, undefined, { signal });
  }
  return false;
};

const choosePort = async (name: EngineName, { env, run }: Climb): Promise<number> => {
  const given = Number(name === 'kafka' ? env.KAFKA_PORT : env.MONGO_PORT);
  if (given > 0) return given;
  const [last = portDefault[name]] = run.portsOf(name);
  return (await freePorts(1, [last]))[0]!;
};

const startService = async (name: EngineName, docker: string, climb: Climb): Promise<Held | undefined> => {
  const { dataDir, run, say, signal } = climb;
  const port = await choosePort(name, climb);
  const env = { ...climb.env, [name === 'kafka' ? 'KAFKA_PORT' : 'MONGO_PORT']: String(port) };
  const service = (...args: string[]) => [...compose(dataDir), ...args, name];
  // Stopping must work after the signal that ended the run.
  const stop = async () => {
    await asker(docker, env, new AbortController().signal)(service('rm', '--stop', '--force'), 60_000);
  };
  const address = addressOf(name, port);
  const about = `${images[name]} (Docker)`;
  say(`Starting ${about} at 127.0.0.1:${port}.`);
  run.note(name, { rung: 'docker', address, about, ports: [port] });
  try {
    const up = await asker(docker, env, signal)(service('up', '--detach', '--wait'), startMs);
    if (up.ok && (await answers(name, address, signal))) return { address, rung: 'docker', about, stop };
    say(`The image ${images[name]} does not start (${up.ok ? 'it does not answer' : up.last}), so ${words[name]} runs natively.`);
    await stop();
    return undefined;
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Those of the wanted engines that Docker can run here; for each of the others it says why not. */
export const dockerEngines = async (wanted: EngineName[], climb: Climb, keep: (held: Held) => Held): Promise<Map<EngineName, Held>> => {
  const found = new Map<EngineName, Held>();
  const docker = findProgram('docker', climb.env);
  const ask = asker(docker ?? '', climb.env, climb.signal);
  const whyNot = docker ? await whyNoDocker(ask) : 'there is no Docker here';
  if (!docker || whyNot) {
    const why = whyNot ?? '';
    const who = wanted.map((name) => words[name]).join(' and ');
    climb.say(`${why.charAt(0).toUpperCase()}${why.slice(1)}, so ${who} ${wanted.length === 1 ? 'runs' : 'run'} natively.`);
    return found;
  }
  for (const name of wanted) {
    if (!(await getImage(name, ask, climb))) continue;
    mkdirSync(climb.dataDir, { recursive: true });
    writeFileSync(join(climb.dataDir, 'compose-project'), projectOf(climb.dataDir));
    // What a killed run left would hold the ports of its last time.
    await ask([...compose(climb.dataDir), 'rm', '--stop', '--force', name], 60_000);
    const held = await startService(name, docker, climb);
    if (held) found.set(name, keep(held));
  }
  return found;
};

/** Removes the containers and volumes that Docker keeps for a data folder. */
export const removeDockerData = async (dataDir: string, env: NodeJS.ProcessEnv): Promise<boolean> => {
  const docker = findProgram('docker', env);
  if (!docker) return false;
  const ask = asker(docker, env, new AbortController().signal);
  return (await ask([...compose(dataDir), 'down', '--volumes'], 60_000)).ok;
};
