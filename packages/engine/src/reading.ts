import { facts, noticeCeType, notices, scenes } from '@scenefi/contracts';
import { type AnyFact, type AnyNotice, type AppError, canonicalJson, shortHash } from '@scenefi/kernel';
import { z } from 'zod';
import { busErrors } from './errors.ts';
import type { EventAttributes, Message } from './ports.ts';

/** What a message says, once it is read. */
export type Heard<Data> = {
  data: Data;
  /** The partner, where the message is a notice. */
  partnerId: string;
  event: EventAttributes;
  /** The partition it was read from, for what is kept per partition. */
  partition: number;
};

export type Reading =
  | { kind: 'heard'; contract: AnyFact | AnyNotice; heard: Heard<unknown>; bodyHash: Buffer }
  | { kind: 'skipped' }
  | { kind: 'unreadable'; error: AppError };

const factsByType = new Map(facts.map((fact) => [`${fact.topic}|${fact.ceType}`, fact]));
const noticesByType = new Map(notices.map((notice) => [notice.type, notice]));
const noticeTypes = new Set(scenes.map((scene) => `${scene}.notice.v1|${noticeCeType(scene)}`));

const NoticeBody = z.object({ type: z.string(), timestamp: z.string(), data: z.unknown() });

type Read = Extract<Message, { event: EventAttributes }>;

const unreadable = (error: AppError): Reading => ({ kind: 'unreadable', error });

const parse = (value: Buffer | null): { json: unknown } | undefined => {
  if (value === null) return undefined;
  try {
    return { json: JSON.parse(value.toString('utf8')) };
  } catch {
    return undefined;
  }
};

/** Data that breaks its contract can never be heard; nor can a nesting so deep that the data cannot be compared. */
const check = (contract: AnyFact | AnyNotice, json: unknown, { event, partition }: Read, body: () => string | Buffer): Reading => {
  try {
    const heard = { data: contract.read(json), partnerId: event.partnerId ?? '', event, partition };
    return { kind: 'heard', contract, heard, bodyHash: shortHash(body()) };
  } catch (cause) {
    if (!(cause instanceof z.ZodError || cause instanceof RangeError)) throw cause;
    const faults = cause instanceof z.ZodError ? cause.issues.map(({ path, code }) => `${path.join('.')}: ${code}`) : [];
    return unreadable(busErrors.CONTRACT_BROKEN({ type: contract.type, faults }, { cause }));
  }
};

/** A notice is the same if its type and data are: a repeat may carry a newer timestamp. */
const readNotice = (message: Read, wanted: ReadonlySet<unknown>): Reading => {
  if (!message.event.partnerId) return unreadable(busErrors.NOT_CLOUDEVENT({ fault: 'ce_partnerid is missing' }));
  const parsed = parse(message.value);
  if (!parsed) return unreadable(busErrors.NOT_JSON());
  const body = NoticeBody.safeParse(parsed.json);
  if (!body.success) return unreadable(busErrors.CONTRACT_BROKEN({ type: message.event.type }));
  const contract = noticesByType.get(body.data.type);
  if (!contract || contract.topic !== message.topic) return unreadable(busErrors.UNKNOWN_TYPE({ type: body.data.type }));
  if (!wanted.has(contract)) return { kind: 'skipped' };
  return check(contract, body.data.data, message, () => canonicalJson([contract.type, body.data.data]));
};

/**
 * Reads one message by its contract. Types of the catalogue that nobody here wants are skipped unread;
 * what the catalogue does not know can never succeed, so consumers deploy before producers.
 */
export const readMessage = (message: Message, wanted: ReadonlySet<unknown>): Reading => {
  if (!message.event) return unreadable(busErrors.NOT_CLOUDEVENT({ fault: message.fault }));
  const { event } = message;
  const address = `${message.topic}|${event.type}`;
  if (noticeTypes.has(address)) return readNotice(message, wanted);
  const contract = factsByType.get(address);
  if (!contract) return unreadable(busErrors.UNKNOWN_TYPE({ type: event.type }));
  if (!wanted.has(contract)) return { kind: 'skipped' };
  const parsed = parse(message.value);
  if (!parsed || message.value === null) return unreadable(busErrors.NOT_JSON());
  const { value } = message;
  return check(contract, parsed.json, message, () => value);
};
