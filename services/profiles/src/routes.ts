import { AccountId, CustomerId, linkStatuses, PartnerId, PartnerRef, scenes } from '@scenefi/contracts';
import type { Aggregate } from '@scenefi/engine';
import { Problem, requireBearer } from '@scenefi/http';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { linkView } from './customer.ts';
import { type Customer, type CustomerCommand, type Link, linkIds } from './customer-state.ts';
import { profileErrors } from './errors.ts';
import type { LinkRequest } from './handlers.ts';
import type { CustomerQueries } from './store.ts';

type RoutesOptions = {
  customers: Aggregate<Customer, CustomerCommand>;
  queries: CustomerQueries;
  link: (request: LinkRequest) => Promise<Link>;
  internalToken: string;
};

const LinkView = z
  .object({
    linkId: z.string(),
    scene: z.string(),
    partnerId: PartnerId,
    accountId: AccountId,
    accountMasked: z.string(),
    holderHash: z.string(),
    holderMasked: z.string(),
    status: z.enum(linkStatuses),
  })
  .meta({ id: 'Link' });
const Links = z.object({ links: z.array(LinkView) }).meta({ id: 'Links' });

/** Number and name in the form that the notices of the scenes have, or the hashes would differ. */
const LinkBody = z.object({
  customerId: CustomerId,
  scene: z.enum(scenes),
  partnerId: PartnerId,
  accountNo: PartnerRef,
  holderName: z.string().trim().min(1).max(100),
  idempotencyKey: z.string().regex(/^[\x21-\x7e]{1,64}$/, '1 to 64 visible characters'),
});

const ofCustomer = z.object({ customerId: CustomerId });

/** What the gateway asks for a customer whom it knows. */
export const profileRoutes =
  ({ customers, queries, link, internalToken }: RoutesOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.addHook('onRequest', requireBearer(internalToken));
    const common = { tags: ['links'], security: [{ internalToken: [] }] };
    const refusals = { 400: Problem, 401: Problem, 503: Problem };
    app.post(
      '/internal/links',
      {
        schema: {
          ...common,
          operationId: 'linkAccount',
          summary: 'Link an account with a partner to a customer',
          body: LinkBody,
          response: { 200: z.object({ link: LinkView }), ...refusals, 403: Problem, 404: Problem, 409: Problem, 422: Problem },
        },
      },
      async ({ body }) => ({ link: linkView(await link(body)) }),
    );
    app.get(
      '/internal/links',
      {
        schema: {
          ...common,
          operationId: 'getLinks',
          summary: 'The accounts that a customer follows',
          querystring: ofCustomer,
          response: { 200: Links, ...refusals },
        },
      },
      async ({ query: { customerId } }) => ({ links: (await queries.byId(customerId)).links.map(linkView) }),
    );
    app.delete(
      '/internal/links/:linkId',
      {
        schema: {
          ...common,
          operationId: 'unlinkAccount',
          summary: 'Follow an account no longer; a payment that is under way goes on',
          params: z.object({ linkId: linkIds.schema }),
          querystring: ofCustomer,
          response: { 200: Links, ...refusals, 404: Problem },
        },
      },
      async ({ params: { linkId }, query: { customerId } }) => {
        const { links } = await queries.byId(customerId);
        const known = links.find((one) => one.linkId === linkId);
        if (!known) throw profileErrors.LINK_NOT_FOUND({ linkId });
        const command: CustomerCommand = { type: 'Unlink', linkId };
        // With the request that made the link, since the same account may be linked and unlinked again.
        const id = `unlink|${linkId}|${known.requestId}`;
        const { state } = await customers.send({ aggregateId: customerId, id, command, body: { linkId } });
        return { links: state.links.map(linkView) };
      },
    );
  };
