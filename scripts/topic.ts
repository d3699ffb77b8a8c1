import { parseArgs } from 'node:util';
import { type Batch, Kafka, logLevel } from 'kafkajs';
import { registrySettings, runCommand, Usage } from './operator/access.ts';

const usage = 'npm run topic -- <topic> [--follow]      the topics stand in docs/EVENTS.md';

/** Prints a topic as it is: one line of headers, one of value per message, oldest first; with --follow it waits for more. */
await runCommand(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { follow: { type: 'boolean', default: false } } });
  const [name] = positionals;
  if (!name) throw new Usage(usage);
  const { brokers, namespace } = registrySettings();
  const kafka = new Kafka({ clientId: 'topic', brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin({ retry: { retries: 1 } });
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(namespace + name).catch((cause: unknown) => {
    throw new Error(`there is no topic ${name}; docs/EVENTS.md lists them`, { cause });
  });
  await admin.disconnect();
  const open = new Map(
    offsets.filter(({ high, low }) => Number(high) > Number(low)).map(({ partition, high }) => [partition, Number(high)]),
  );
  if (open.size === 0 && !values.follow) {
    process.stdout.write(`${name} is empty\n`);
    return;
  }
  const consumer = kafka.consumer({ groupId: `${namespace}topic-${process.pid}-${Date.now()}`, maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topic: namespace + name, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    process.once('SIGINT', () => resolve());
    const eachBatch = async ({ batch }: { batch: Batch }): Promise<void> => {
      for (const { key, value, headers = {}, offset } of batch.messages) {
        const shown = Object.entries(headers).map(([header, text]) => `${header}=${String(text)}`);
        process.stdout.write(
          `${batch.partition}/${offset} ${String(key)} ${shown.join(' ')}\n  ${value === null ? 'null' : value.toString()}\n`,
        );
      }
      if (Number(batch.lastOffset()) + 1 >= (open.get(batch.partition) ?? 0)) open.delete(batch.partition);
      if (open.size === 0 && !values.follow) resolve();
    };
    consumer.run({ autoCommit: false, eachBatch }).catch(reject);
  });
  await consumer.disconnect();
});
