import { facts, topics } from '@scenefi/contracts';
import type { AnyFact } from '@scenefi/kernel';
import { z } from 'zod';

const text = { type: 'string' };

const headers = {
  type: 'object',
  required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time', 'content-type'],
  properties: {
    ce_specversion: { const: '1.0' },
    ce_id: { ...text, description: '<aggregate id>:<version>, the same however often the fact is published' },
    ce_source: { ...text, description: '/scenefi/<service>' },
    ce_type: text,
    ce_time: { ...text, format: 'date-time' },
    ce_subject: text,
    ce_sequence: { ...text, description: 'the version, zero-padded to 10' },
    ce_correlationid: text,
    ce_causationid: text,
    ce_dataclassification: { enum: ['C1', 'C2'] },
    traceparent: text,
    'content-type': { const: 'application/json' },
  },
};

const nameOf = (fact: AnyFact): string => fact.type.replaceAll(/[.-](\w)/g, (_match, letter: string) => letter.toUpperCase());

const messageOf = (fact: AnyFact) => ({
  name: fact.ceType,
  title: fact.title,
  contentType: 'application/json',
  headers: { $ref: '#/components/schemas/CloudEventHeaders' },
  payload: z.toJSONSchema(fact.schema, { io: 'output', target: 'draft-7' }),
});

/** Services that publish facts, by the first word of their types. */
export const publishers: readonly string[] = [...new Set(facts.map(({ type }) => type.slice(0, type.indexOf('.'))))];

/** The AsyncAPI 3.0 document of what one service publishes. */
export const asyncapiOf = (service: string): string => {
  const own = facts.filter(({ type }) => type.startsWith(`${service}.`));
  const channels = Object.fromEntries(
    topics
      .filter(({ name }) => own.some(({ topic }) => topic === name))
      .map(({ name, kind }) => {
        const messages = own
          .filter(({ topic }) => topic === name)
          .map((fact) => [nameOf(fact), { $ref: `#/components/messages/${nameOf(fact)}` }]);
        return [name, { address: name, description: `kept as ${kind}`, messages: Object.fromEntries(messages) }];
      }),
  );
  const operations = Object.fromEntries(
    Object.keys(channels).map((name) => [`publish ${name}`, { action: 'send', channel: { $ref: `#/channels/${name}` } }]),
  );
  const document = {
    asyncapi: '3.0.0',
    info: { title: `scenefi ${service}`, version: '0.1.0' },
    defaultContentType: 'application/json',
    channels,
    operations,
    components: {
      schemas: { CloudEventHeaders: headers },
      messages: Object.fromEntries(own.map((fact) => [nameOf(fact), messageOf(fact)])),
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
};
