import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import mongoose from 'mongoose';
import { EngineError } from './engine.ts';
import { lastLine, type Program } from './program.ts';

const unsettled = Symbol('unsettled');

const within = async <Value>(ms: number, work: Promise<Value>): Promise<Value> => {
  const late = new AbortController();
  try {
    const first = await Promise.race([work, sleep(ms, unsettled, { signal: late.signal })]);
    if (first === unsettled) throw new Error(`no answer in ${ms} ms`);
    return first as Value;
  } finally {
    late.abort();
    // What comes after the deadline is of no interest, and an unhandled rejection would end the process.
    work.catch(() => undefined);
  }
};

/** How many brokers answer at `host:port[,host:port]`; rejects when none does in time. */
export const brokersAt = async (address: string, timeoutMs: number): Promise<number> => {
  const kafka = new Kafka({
    brokers: address.split(',').map((broker) => broker.trim()),
    clientId: 'scenefi-engines',
    connectionTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  const ask = async () => {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length;
  };
  try {
    return await within(timeoutMs, ask());
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
};

export type MongoCommand = (command: Record<string, unknown>) => Promise<Record<string, unknown>>;

/** Runs commands against the admin database of a MongoDB; rejects when it does not answer in time. */
export const withMongo = async <Value>(url: string, timeoutMs: number, work: (command: MongoCommand) => Promise<Value>): Promise<Value> => {
  const connection = mongoose.createConnection();
  const ask = async () => {
    const options = { serverSelectionTimeoutMS: timeoutMs, connectTimeoutMS: timeoutMs, socketTimeoutMS: timeoutMs };
    await connection.openUri(url, options);
    return work((command) => connection.getClient().db('admin').command(command));
  };
  try {
    return await within(timeoutMs, ask());
  } finally {
    await connection.destroy().catch(() => undefined);
  }
};

/** The `hello` of a MongoDB: what it says it is. */
export const helloOf = (url: string, timeoutMs: number): Promise<Record<string, unknown>> =>
  withMongo(url, timeoutMs, (command) => command({ hello: 1 }));

type Wait = { what: string; program: Program; logPath: string; deadlineMs: number; signal: AbortSignal; probe: () => Promise<boolean> };

/** Waits until the probe says yes. Raises EngineError when the program ends before, or at the deadline. */
export const untilReady = async ({ what, program, logPath, deadlineMs, signal, probe }: Wait): Promise<void> => {
  const giveUpAt = Date.now() + deadlineMs;
  for (;;) {
    signal.throwIfAborted();
    const ended = program.ended();
    const last = () => lastLine(logPath) || 'nothing was logged';
    if (ended) throw new EngineError(`${what} ${ended} while starting: "${last()}" (log: ${logPath}).`);
    if (await probe().catch(() => false)) return;
    if (Date.now() > giveUpAt) {
      throw new EngineError(`${what} did not answer within ${deadlineMs / 1000} s: "${last()}" (log: ${logPath}).`);
    }
    await sleep(100, undefined, { signal });
  }
};
