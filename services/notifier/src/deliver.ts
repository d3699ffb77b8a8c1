import type { EffectResult, Sending, Sent } from '@scenefi/engine';
import type { PartnerTable } from '@scenefi/http';
import { addMs, type Clock, type Effect, instantOf, type Logger, shanghaiTime } from '@scenefi/kernel';
import { type Endpoint, type EndpointCommand, waitsUntil } from './endpoint.ts';
import type { Letter, Mailbox, MailboxCommand } from './mailbox-state.ts';
import type { Post, Posted } from './post.ts';

/** A partner that answers slowly must not take the places of all others. */
const atOncePerPartnerMax = 32;
const busyMs = 1_000;
/** Nobody who is missing in the table is missing for sure before it was read. */
const tableAwaitedMs = 2_000;

export type DeliverParts = {
  partners: Pick<PartnerTable, 'describedAs' | 'signingKeyOf'> & { fresh: () => boolean };
  endpoints: { send(sending: Sending<EndpointCommand>): Promise<Sent<Endpoint>> };
  post: Post;
  /** Lets the mailboxes of a partner that is back go on at once. */
  hurry: (partnerId: string) => Promise<unknown>;
  clock: Clock;
  logger: Logger;
};

/** What goes over the wire, the same in every attempt. */
const bodyOf = ({ telling, timestamp, data }: Letter): string =>
  JSON.stringify({ type: telling, timestamp: shanghaiTime(timestamp), data });

const succeeded = ({ status }: Posted): boolean => typeof status === 'number' && status >= 200 && status < 300;

/** Does what a mailbox wants done: asks whether its partner's server may be tried, posts, and notes how the server did. */
export const createDeliver = ({ partners, endpoints, post, hurry, clock, logger }: DeliverParts) => {
  const underWay = new Map<string, number>();

  const now = () => instantOf(clock.now());

  const postponed = ({ key, attempt }: Effect, until: ReturnType<typeof now>): EffectResult<MailboxCommand> => ({
    outcome: `${attempt}-postponed`,
    command: { type: 'Postponed', deliveryId: key, attempt, until },
  });

  const attempted = ({ key, attempt }: Effect, posted: Posted): EffectResult<MailboxCommand> => ({
    outcome: String(attempt),
    command: { type: 'Attempted', deliveryId: key, attempt, ...posted },
  });

  const ask = (partnerId: string, attempt: string, command: EndpointCommand): Promise<Sent<Endpoint>> =>
    endpoints.send({ aggregateId: partnerId, id: `${command.type}|${attempt}`, command, body: {} });

  /** Health is advice: that it could not be noted takes nothing from what the partner answered. */
  const note = async (partnerId: string, attempt: string, before: Endpoint, posted: Posted): Promise<void> => {
    const wentWell = succeeded(posted);
    if (wentWell && before.failures === 0 && !before.paused) return;
    try {
      const { state } = await ask(partnerId, attempt, { type: wentWell ? 'Succeeded' : 'Failed' });
      if (state.paused && !before.paused) logger.warn('a partner is not reached; its deliveries are paused', { partnerId });
      if (!wentWell || !before.paused) return;
      logger.info('a partner is reached again', { partnerId });
      await hurry(partnerId);
    } catch (error) {
      logger.warn('the health of a partner could not be noted', { partnerId, reason: String(error) });
    }
  };

  return async (effect: Effect, { partnerId, letters }: Mailbox): Promise<EffectResult<MailboxCommand> | undefined> => {
    const letter = letters.find(({ deliveryId }) => deliveryId === effect.key);
    if (!letter) throw new Error('a letter that is not kept was to be posted');
    const url = partners.describedAs(partnerId)?.callbackUrl;
    const key = partners.signingKeyOf(partnerId);
    if (!url || !key) {
      if (!partners.fresh()) return postponed(effect, addMs(now(), tableAwaitedMs));
      return attempted(effect, { at: now(), tookMs: 0, status: 'no-callback', answer: url ? 'no key' : 'no callback URL' });
    }
    const busy = underWay.get(partnerId) ?? 0;
    if (busy >= atOncePerPartnerMax) return postponed(effect, addMs(now(), busyMs));
    underWay.set(partnerId, busy + 1);
    try {
      const attempt = `${effect.key}#${effect.attempt}`;
      const { state: endpoint } = await ask(partnerId, attempt, { type: 'Admit', attempt });
      const until = waitsUntil(endpoint, attempt);
      if (until) return postponed(effect, until);
      const posted = await post({ url, key, deliveryId: effect.key, body: bodyOf(letter) });
      await note(partnerId, attempt, endpoint, posted);
      return attempted(effect, posted);
    } finally {
      const left = (underWay.get(partnerId) ?? 1) - 1;
      if (left > 0) underWay.set(partnerId, left);
      else underWay.delete(partnerId);
    }
  };
};
