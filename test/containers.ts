import { join } from 'node:path';
import { DockerComposeEnvironment, getContainerRuntimeClient, Wait } from 'testcontainers';
import { freePorts } from '../scripts/engines/ports.ts';

type Pair = { kafkaBrokers: string; mongoUrl: string; stop: () => Promise<void> };

const startMs = 300_000;

/**
 * The engines of a test run in containers, by testcontainers and from the very file that `docker compose up` uses.
 * Undefined, and one sentence why, where no container engine answers or the images do not start.
 */
export const startContainers = async (say: (line: string) => void): Promise<Pair | undefined> => {
  try {
    await getContainerRuntimeClient();
  } catch {
    return undefined;
  }
  const [kafkaPort, mongoPort] = (await freePorts(2, [])).map(String);
  try {
    const environment = await new DockerComposeEnvironment(join(import.meta.dirname, '..'), 'docker-compose.yml')
      .withEnvironment({ KAFKA_PORT: kafkaPort!, MONGO_PORT: mongoPort! })
      .withWaitStrategy('kafka-1', Wait.forHealthCheck())
      .withWaitStrategy('mongo-1', Wait.forHealthCheck())
      .withStartupTimeout(startMs)
      .up();
    return {
      kafkaBrokers: `127.0.0.1:${kafkaPort}`,
      mongoUrl: `mongodb://127.0.0.1:${mongoPort}/?replicaSet=rs0`,
      stop: async () => {
        await environment.down({ removeVolumes: true });
      },
    };
  } catch (error) {
    say(`The containers do not start (${error instanceof Error ? error.message : String(error)}), so the next rung is taken.`);
    return undefined;
  }
};
