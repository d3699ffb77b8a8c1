import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnce } from './build-once.ts';
import { type Climb, EngineError } from './engine.ts';
import { findProgram, runTool } from './program.ts';
import { spoken, withProgress } from './progress.ts';

export const kafkaVersion = '4.3.1';
const infra = join(import.meta.dirname, '..', '..', 'infra', 'kafka');

const complaint = (output: string[]): string =>
  output.find((line) => line.includes('[ERROR]'))?.replace(/.*\[ERROR\]\S*\s*/, '') ?? output.at(-1) ?? 'it said nothing';

/** The folder with the jars of Kafka, fetched by Maven the first time. */
export const kafkaJars = ({ cacheDir, env, say, signal }: Climb): Promise<string> =>
  buildOnce({
    cacheDir,
    name: `kafka-${kafkaVersion}`,
    what: `Apache Kafka ${kafkaVersion}`,
    say,
    signal,
    make: async (draft) => {
      const maven = findProgram('mvn', env);
      if (!maven) {
        throw new EngineError('There is no Kafka to use: install Docker, or Maven beside Java 17 or later, or set KAFKA_BROKERS.');
      }
      say(`Fetching Apache Kafka ${kafkaVersion} by Maven, about 45 MB; this happens once and takes 5 s to 2 min.`);
      const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${join(draft, 'libs')}`];
      const { exitCode, output } = await withProgress(
        15_000,
        say,
        (elapsedMs) => `Fetching Apache Kafka: ${spoken(elapsedMs)} so far, up to about 2 min in all.`,
        () => runTool({ file: maven, args: ['-B', '-q', '-f', join(infra, 'pom.xml'), ...goal], cwd: draft, env, signal }),
      );
      if (exitCode === 0 && existsSync(join(draft, 'libs')) && readdirSync(join(draft, 'libs')).length > 0) return;
      const logPath = join(cacheDir, `kafka-${kafkaVersion}.log`);
      writeFileSync(logPath, output.join('\n'));
      throw new EngineError(`Maven could not fetch Apache Kafka: "${complaint(output)}" (log: ${logPath}).`);
    },
  });
