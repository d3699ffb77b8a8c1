import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

/** C1 may be public, C2 is personal or financial. C3 (passwords, biometrics) has no name here: it never leaves a producer. */
export type DataClassification = 'C1' | 'C2';

/**
 * Words that writers choose from a closed list and readers take as they come,
 * so that a new word does not break an old reader.
 */
export type Vocabulary = { word<const Word extends string>(...words: Word[]): z.ZodType<Word> };

const closed: Vocabulary = { word: (...words) => z.enum(words) as unknown as z.ZodType<(typeof words)[number]> };
const open: Vocabulary = { word: () => z.string() as unknown as z.ZodType<never> };

/** One fact: its type, its topic, its key, what writers must keep to and what readers accept. */
export type FactContract<Data = unknown> = {
  readonly kind: 'fact';
  /** Short name, `campus.bill.billed`. */
  readonly type: string;
  /** Name on the wire, `cn.scenefi.campus.bill.billed.v1`. */
  readonly ceType: string;
  readonly topic: string;
  readonly title: string;
  readonly classification: DataClassification;
  readonly key: (data: Data) => string;
  readonly schema: z.ZodType<Data>;
  /** Returns the data unchanged or throws: unknown fields, closed words and nested strictness included. */
  readonly write: (data: unknown) => Data;
  /** Returns what this version knows of the data, or throws a ZodError. */
  readonly read: (data: unknown) => Data;
};

/** A contract of whatever data. */
export type AnyFact = Omit<FactContract, 'key'> & { readonly key: (data: never) => string };

export type DataOf<Contract> = Contract extends { read: (data: unknown) => infer Data } ? Data : never;

type FactDefinition<Schema extends z.ZodType> = {
  /** `<context>.<aggregate>.<past participle>`. */
  type: string;
  /** `<context>.<aggregate>.v<major>`. */
  topic: string;
  /** What happened, as a sentence, for the generated documents. */
  title: string;
  classification?: DataClassification;
  key: (data: z.output<Schema>) => string;
  data: (vocabulary: Vocabulary) => Schema;
};

/** Defines a fact once: type, check, wire name and documentation follow from it. */
export const defineFact = <Schema extends z.ZodType>(definition: FactDefinition<Schema>): FactContract<z.output<Schema>> => {
  const { type, topic, title, classification = 'C2', key } = definition;
  const writer = definition.data(closed);
  const reader = definition.data(open);
  const major = topic.slice(topic.lastIndexOf('.') + 1);
  return {
    kind: 'fact',
    type,
    ceType: `cn.scenefi.${type}.${major}`,
    topic,
    title,
    classification,
    key,
    schema: writer as unknown as z.ZodType<z.output<Schema>>,
    write: (data) => {
      const parsed = writer.parse(data);
      if (!isDeepStrictEqual(parsed, data)) throw new TypeError(`${type} has fields that its contract does not know`);
      return parsed;
    },
    read: (data) => reader.parse(data),
  };
};

/** What a partner tells us: the `type` and `data` of a signed webhook. */
export type NoticeContract<Data = unknown> = {
  readonly kind: 'notice';
  readonly type: string;
  readonly scene: string;
  readonly topic: string;
  readonly title: string;
  readonly schema: z.ZodType<Data>;
  /** The id of what the notice is about: the key on the topic. */
  readonly about: (partnerId: string, data: Data) => string;
  readonly read: (data: unknown) => Data;
};

/** A notice contract of whatever data. */
export type AnyNotice = Omit<NoticeContract, 'about'> & { readonly about: (partnerId: string, data: never) => string };

type NoticeDefinition<Schema extends z.ZodType> = {
  type: string;
  scene: string;
  title: string;
  about: (partnerId: string, data: z.output<Schema>) => string;
  data: Schema;
};

export const defineNotice = <Schema extends z.ZodType>(definition: NoticeDefinition<Schema>): NoticeContract<z.output<Schema>> => ({
  kind: 'notice',
  type: definition.type,
  scene: definition.scene,
  topic: `${definition.scene}.notice.v1`,
  title: definition.title,
  schema: definition.data as unknown as z.ZodType<z.output<Schema>>,
  about: definition.about,
  read: (data) => definition.data.parse(data),
});
