import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brokersAt, untilReady } from './answers.ts';
import { type Climb, EngineError, type Held } from './engine.ts';
import { kafkaJars, kafkaVersion } from './kafka-jars.ts';
import { freePorts } from './ports.ts';
import { findProgram, lastLine, runTool, startProgram } from './program.ts';

const infra = join(import.meta.dirname, '..', '..', 'infra', 'kafka');
const javaVersionMin = 17;

/** The major version in what `java -version` prints: 17 for "17.0.15", 8 for "1.8.0_412". */
export const javaVersionIn = (printed: string): number => {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(printed) ?? [];
  return Number(first === '1' ? second : (first ?? 0));
};

/** Fills the words between @ signs of a server.properties; a word without value is an error of ours. */
export const fillIn = (template: string, values: Record<string, string | number>): string =>
  template.replace(/^(?!#).*$/gm, (line) =>
    line.replace(/@([A-Z_]+)@/g, (_, word: string) => {
      const value = values[word];
      if (value === undefined) throw new RangeError(`server.properties asks for ${word}, which nothing fills in`);
      return String(value).replaceAll('\\', '\\\\');
    }),
  );

// Kafka's own form: 16 bytes as base64url. A leading hyphen would read as an option.
const clusterId = (): string => `S${randomBytes(16).toString('base64url').slice(1)}`;

const findJava = async ({ env, signal }: Climb): Promise<{ java: string; version: number }> => {
  const home = env.JAVA_HOME && join(env.JAVA_HOME, 'bin', 'java');
  const java = home && existsSync(home) ? home : findProgram('java', env);
  const printed = java ? (await runTool({ file: java, args: ['-version'], env, signal })).output.join('\n') : '';
  const version = javaVersionIn(printed);
  if (java && version >= javaVersionMin) return { java, version };
  const found = version > 0 ? ` (found: Java ${version})` : '';
  throw new EngineError(`There is no Kafka to use: install Docker, or Java 17 or later with Maven${found}, or set KAFKA_BROKERS.`);
};

type Prepared = { java: string; base: string[]; home: string; logPath: string };

const formatOnce = async ({ java, base, home, logPath }: Prepared, { env, signal }: Climb): Promise<void> => {
  // Formatting costs a start of the JVM, so a folder that was formatted to the end says so.
  const done = join(home, 'formatted');
  if (existsSync(done)) return;
  const config = join(home, 'server.properties');
  const args = [...base, 'kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', config, '--ignore-formatted'];
  const { exitCode, output } = await runTool({ file: java, args, cwd: home, env, signal });
  if (exitCode !== 0) {
    writeFileSync(logPath, output.join('\n'));
    throw new EngineError(`Kafka could not prepare its data folder: "${lastLine(logPath)}" (log: ${logPath}).`);
  }
  writeFileSync(done, '');
};

/** Runs Apache Kafka, one node, from jars on this machine. */
export const nativeKafka = async (climb: Climb): Promise<Held> => {
  const { dataDir, env, signal, run, say } = climb;
  const { java, version } = await findJava(climb);
  const jars = await kafkaJars(climb);
  const home = join(dataDir, 'kafka');
  const logPath = join(dataDir, 'logs', 'kafka.log');
  mkdirSync(join(dataDir, 'logs'), { recursive: true });
  mkdirSync(home, { recursive: true });

  const [port, controllerPort] = (await freePorts(2, run.portsOf('kafka'))) as [number, number];
  const template = readFileSync(join(infra, 'server.properties'), 'utf8');
  const config = join(home, 'server.properties');
  writeFileSync(config, fillIn(template, { PORT: port, CONTROLLER_PORT: controllerPort, DATA: join(home, 'data') }));

  const base = [`-Dlog4j2.configurationFile=${join(infra, 'log4j2.properties')}`, '-cp', join(jars, 'libs', '*')];
  await formatOnce({ java, base, home, logPath }, climb);

  const address = `127.0.0.1:${port}`;
  const about = `Apache Kafka ${kafkaVersion} (native, Java ${version})`;
  say(`Starting ${about} at ${address}.`);
  const args = ['-Xms256m', '-Xmx512m', ...base, 'kafka.Kafka', config];
  const program = await startProgram({ file: java, args, cwd: home, env, logPath });
  const { pid, started, stop } = program;
  run.note('kafka', { rung: 'native', address, about, ports: [port, controllerPort], pid, started });
  try {
    const probe = async () => (await brokersAt(address, 2_000)) > 0;
    await untilReady({ what: 'Kafka', program, logPath, deadlineMs: 60_000, signal, probe });
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, rung: 'native', about, stop };
};
