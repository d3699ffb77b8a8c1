import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { removeDockerData } from './engines/docker.ts';
import { claimRun, EngineError } from './engines/index.ts';

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Whether a folder is one of ours: a wrong DATA_DIR must never cost anybody a folder of theirs. */
const isOurs = (folder: string): boolean => existsSync(join(folder, 'run.json')) || readdirSync(folder).length === 0;

const reset = async (folder: string): Promise<string> => {
  if (!existsSync(folder)) return `${folder} does not exist; there is nothing to remove.`;
  if (process.env.DATA_DIR && !isOurs(folder)) {
    throw new EngineError(
      `${folder} holds no run.json, so it is not a data folder of ours; correct DATA_DIR or remove the folder yourself.`,
    );
  }
  const run = await claimRun(folder, say);
  const docker = existsSync(join(folder, 'compose-project'));
  if (docker && !(await removeDockerData(folder, process.env))) {
    run.release();
    throw new EngineError(
      'The data of an earlier run is kept by Docker, which does not answer: start Docker, then run the same command again.',
    );
  }
  rmSync(folder, { recursive: true, force: true });
  return `Removed ${folder}.`;
};

try {
  say(await reset(resolve(process.env.DATA_DIR || '.data')));
} catch (error) {
  if (!(error instanceof EngineError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
