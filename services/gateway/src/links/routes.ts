import { type CustomerLink, PartnerId, PartnerRef, scenes } from '@scenefi/contracts';
import { type InternalCalls, Problem } from '@scenefi/http';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { CommandHeaders, commandRefusals, idempotencyKeyOf, refusals, security } from '../conventions.ts';
import type { Waiting } from '../waiting.ts';

const LinkId = z.string().regex(/^[a-z]{3,8}_[a-z2-7]{26}$/, 'a linkId that this API gave');

const LinkedAccount = z
  .object({
    linkId: z.string(),
    scene: z.string(),
    partnerId: z.string(),
    accountMasked: z.string().describe('***0001'),
    holderMasked: z.string().describe('王*明'),
    status: z.string().describe('linked, pending until the first bill of the account comes, or refused for its name'),
  })
  .meta({ id: 'LinkedAccount' });

const AccountToLink = z
  .object({
    scene: z.enum(scenes),
    partnerId: PartnerId,
    accountNo: PartnerRef.describe('the number that the partner knows the account by, such as a student number'),
    holderName: z.string().trim().min(1).max(100).describe('the whole name of whose account it is'),
  })
  .meta({ id: 'AccountToLink' });

/** What profiles says of a link, beside what the app is told. */
const Link = LinkedAccount.extend({ holderHash: z.string() });

/** How long a command waits until the views show what it did. */
const viewLagMs = 2_000;

export type LinkRoutes = { waitingLinks: Waiting<readonly CustomerLink[]>; profiles: InternalCalls };

/** The accounts with partners that a customer follows; profiles owns them. */
export const linkRoutes =
  ({ waitingLinks, profiles }: LinkRoutes): FastifyPluginAsyncZod =>
  async (app) => {
    const common = { tags: ['linked accounts'], security };
    app.post(
      '/v1/linked-accounts',
      {
        schema: {
          ...common,
          operationId: 'linkAccount',
          summary: 'Follow an account with a partner; its bills are seen as soon as this is answered',
          headers: CommandHeaders,
          body: AccountToLink,
          response: { 200: z.object({ linkedAccount: LinkedAccount }), ...commandRefusals, 403: Problem },
        },
      },
      async ({ headers, body, customer: { customerId } }) => {
        const command = { ...body, customerId, idempotencyKey: idempotencyKeyOf(headers) };
        const { link } = await profiles({ method: 'POST', path: '/internal/links', body: command, answer: z.object({ link: Link }) });
        const { linkId, holderHash, status } = link;
        const isShown = (one: CustomerLink) => one.linkId === linkId && one.holderHash === holderHash && one.status === status;
        await waitingLinks.until(customerId, (links) => links?.some(isShown) ?? false, viewLagMs);
        return { linkedAccount: link };
      },
    );
    app.get(
      '/v1/linked-accounts',
      {
        schema: {
          ...common,
          operationId: 'listLinkedAccounts',
          summary: 'The accounts with partners that the customer follows',
          response: { 200: z.object({ linkedAccounts: z.array(LinkedAccount) }), ...refusals },
        },
      },
      async ({ customer: { customerId } }) => {
        const path = `/internal/links?customerId=${customerId}`;
        const { links } = await profiles({ method: 'GET', path, answer: z.object({ links: z.array(Link) }) });
        return { linkedAccounts: links };
      },
    );
    app.delete(
      '/v1/linked-accounts/:linkId',
      {
        schema: {
          ...common,
          operationId: 'unlinkAccount',
          summary: 'Follow an account no longer; a payment under way goes on',
          params: z.object({ linkId: LinkId }),
          response: { 204: z.null().describe('followed no longer'), ...refusals, 404: Problem },
        },
      },
      async ({ params: { linkId }, customer: { customerId } }, reply) => {
        await profiles({ method: 'DELETE', path: `/internal/links/${linkId}?customerId=${customerId}`, answer: z.unknown() });
        await waitingLinks.until(customerId, (links) => !links?.some((one) => one.linkId === linkId), viewLagMs);
        return reply.code(204).send(null);
      },
    );
  };
