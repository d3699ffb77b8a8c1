import { CustomerId } from '@scenefi/contracts';
import { Problem } from '@scenefi/http';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Tokens } from './tokens.ts';

const Wanted = z.object({
  user: z.string().min(1).max(100).describe('any name; the same one is the same customer'),
  stepUp: z.boolean().default(false).describe('as if the customer had just proven a second time who he is'),
});

const Granted = z.object({ token: z.string(), customerId: CustomerId, expiresInS: z.int() });

const Jwks = z.object({
  keys: z.array(z.object({ kty: z.string(), crv: z.string(), x: z.string(), kid: z.string(), alg: z.string(), use: z.string() }).partial()),
});

type RoutesOptions = { tokens: Tokens; welcome: (customerId: string) => Promise<void> };

const tags = ['app'];

/** Who wants to be a customer is one: this stands in the place of the bank's own sign-in. */
export const appRoutes =
  ({ tokens, welcome }: RoutesOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/tokens',
      {
        schema: {
          operationId: 'postToken',
          summary: 'Sign in as anybody; the first time opens the accounts',
          tags,
          body: Wanted,
          response: { 200: Granted, 400: Problem },
        },
      },
      async ({ body }) => {
        const granted = await tokens.issue(body);
        await welcome(granted.customerId);
        return granted;
      },
    );
    app.get(
      '/.well-known/jwks.json',
      { schema: { operationId: 'getKeys', summary: 'The keys that tokens are checked with', tags, response: { 200: Jwks } } },
      async () => tokens.jwks,
    );
  };
