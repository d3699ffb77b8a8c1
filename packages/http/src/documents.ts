import { STATUS_CODES } from 'node:http';
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

type Response = { description?: string; content?: Record<string, { schema?: { $ref?: string } }> };
type Operation = { responses?: Record<string, Response> };
type OpenApi = { paths?: Record<string, Record<string, Operation>>; components?: { schemas?: Record<string, unknown> } };

/** A problem is not plain JSON, and the generator knows no other media type than that of the response. */
const nameProblems = ({ paths = {} }: OpenApi): void => {
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      const json = response.content?.['application/json'];
      if (json?.schema?.$ref !== '#/components/schemas/Problem') continue;
      const description = STATUS_CODES[status] ?? status;
      operation.responses = { ...operation.responses, [status]: { description, content: { 'application/problem+json': json } } };
    }
  }
};

/** The generator writes every named schema twice, as input and as output; readers see those that are used. */
const dropUnused = (document: OpenApi): void => {
  const schemas = document.components?.schemas ?? {};
  const text = JSON.stringify(document);
  for (const name of Object.keys(schemas)) {
    if (!text.includes(`"#/components/schemas/${name}"`)) delete schemas[name];
  }
};

/** Who may call: our own services and operators, or a customer of the bank through its app. */
const securitySchemes = {
  internalToken: { type: 'http', scheme: 'bearer' },
  accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
} as const;

type Documents = { name: string; version: string; development: boolean };

/** OpenAPI 3.1 from the zod schemas of the routes at `/openapi.json`, and Swagger UI at `/docs` in development only. */
export const addDocuments = (app: FastifyInstance, { name, version, development }: Documents): void => {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: { title: `scenefi ${name}`, version },
      components: { securitySchemes },
    },
    transform: jsonSchemaTransform,
    transformObject: (source) => {
      const document = jsonSchemaTransformObject(source);
      nameProblems(document as OpenApi);
      dropUnused(document as OpenApi);
      return document;
    },
  });
  app.register(async (routes) => {
    routes.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  });
  if (development) app.register(import('@fastify/swagger-ui'), { routePrefix: '/docs' });
};
