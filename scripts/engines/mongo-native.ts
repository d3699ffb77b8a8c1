import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type MongoCommand, untilReady, withMongo } from './answers.ts';
import type { Climb, Held } from './engine.ts';
import { freePorts } from './ports.ts';
import { findProgram, runTool, startProgram } from './program.ts';
import { secantus, secantusVersion } from './secantus.ts';

const setName = 'rs0';
const probeMs = 2_000;

/**
 * A process that dies inside a transaction holds its documents for so long. Ours give up after ten seconds, so a minute, as it is
 * without this, would only be waiting.
 */
const transactionLimit = { transactionLifetimeLimitSeconds: 15 };

const limitArgs = Object.entries(transactionLimit).flatMap(([name, value]) => ['--setParameter', `${name}=${value}`]);

type Recipe = { file: string; args: string[]; about: string; address: string; port: number; probe: () => Promise<boolean> };

const freePort = async ({ run }: Climb): Promise<number> => (await freePorts(1, run.portsOf('mongo')))[0]!;

type SetConfig = { _id: string; version: number; members: { _id: number; host: string }[] };

const currentConfig = async (command: MongoCommand): Promise<SetConfig | undefined> => {
  try {
    return (await command({ replSetGetConfig: 1 })).config as SetConfig;
  } catch {
    // That is how a mongod answers which belongs to no set yet.
    return undefined;
  }
};

/** Makes a mongod the only member of its set, and moves the set along when the port is another than last time. */
const joinSet = async (command: MongoCommand, host: string): Promise<boolean> => {
  const hello = await command({ hello: 1 });
  if (hello.isWritablePrimary === true && hello.me === host) return true;
  const config = await currentConfig(command);
  const [member] = config?.members ?? [];
  if (!config || !member) await command({ replSetInitiate: { _id: setName, members: [{ _id: 0, host }] } });
  else if (member.host !== host) {
    const moved = { ...config, version: config.version + 1, members: [{ ...member, host }] };
    await command({ replSetReconfig: moved, force: true });
  }
  return false;
};

const mongodRecipe = async (mongod: string, climb: Climb): Promise<Recipe> => {
  const { dataDir, env, signal } = climb;
  const port = await freePort(climb);
  const { output } = await runTool({ file: mongod, args: ['--version'], env, signal });
  const version = /v(\d[\w.-]*)/.exec(output.join(' '))?.[1] ?? 'of unknown version';
  const host = `127.0.0.1:${port}`;
  const data = join(dataDir, 'mongo', 'mongod');
  mkdirSync(data, { recursive: true });
  return {
    file: mongod,
    args: ['--dbpath', data, '--port', String(port), '--bind_ip', '127.0.0.1', '--replSet', setName, ...limitArgs],
    about: `MongoDB ${version} (native)`,
    port,
    address: `mongodb://${host}/?replicaSet=${setName}`,
    probe: () => withMongo(`mongodb://${host}/?directConnection=true`, probeMs, (command) => joinSet(command, host)),
  };
};

const secantusRecipe = async (climb: Climb): Promise<Recipe> => {
  const file = await secantus(climb);
  const port = await freePort(climb);
  const address = `mongodb://127.0.0.1:${port}/?replicaSet=secantus`;
  const data = join(climb.dataDir, 'mongo', 'secantus');
  mkdirSync(data, { recursive: true });
  return {
    file,
    // Without --sync-on-commit a write that was acknowledged can be lost when the process is killed.
    args: ['--host', '127.0.0.1', '--port', String(port), '--storage-path', data, '--sync-on-commit'],
    about: `secantusd-rs ${secantusVersion} in place of MongoDB (native)`,
    port,
    address,
    probe: () =>
      withMongo(address, probeMs, async (command) => {
        await command({ setParameter: 1, ...transactionLimit });
        return (await command({ hello: 1 })).isWritablePrimary === true;
      }),
  };
};

/** Runs the mongod of this machine as a replica set of one, or what speaks its protocol where there is none. */
export const nativeMongo = async (climb: Climb): Promise<Held> => {
  const { dataDir, env, signal, run, say } = climb;
  const mongod = findProgram('mongod', env);
  const recipe = mongod ? await mongodRecipe(mongod, climb) : await secantusRecipe(climb);
  const { file, args, about, address, port, probe } = recipe;
  const logPath = join(dataDir, 'logs', 'mongo.log');
  say(`Starting ${about} at 127.0.0.1:${port}.`);
  const program = await startProgram({ file, args, cwd: join(dataDir, 'mongo'), env, logPath });
  const { pid, started, stop } = program;
  run.note('mongo', { rung: 'native', address, about, ports: [port], pid, started });
  try {
    await untilReady({ what: 'MongoDB', program, logPath, deadlineMs: 60_000, signal, probe });
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, rung: 'native', about, stop };
};
