import type { KeyObject } from 'node:crypto';
import { accountIds, payables } from '@scenefi/contracts';
import { type Aggregate, type Executor, on, type Subscription, type Target } from '@scenefi/engine';
import { keyedHash, maskedName } from '@scenefi/kernel';
import type { Account, AccountCommand } from './account.ts';
import { askedOf } from './customer.ts';
import { type Claimed, type Customer, type CustomerCommand, type Link, linkIds } from './customer-state.ts';
import { profileErrors } from './errors.ts';

/** A customer's request to link an account, in clear words, which end here. */
export type LinkRequest = {
  customerId: string;
  scene: string;
  partnerId: string;
  accountNo: string;
  holderName: string;
  idempotencyKey: string;
};

/** Every scene's bills. Who holds an account is said when something is billed; what only changes it says nothing new. */
export const profileHandlers = (accounts: Target<AccountCommand>): Subscription[] =>
  Object.values(payables).map(({ billed }) =>
    on(billed, accounts, ({ data: { accountId, holderHash }, event }) => {
      const command: AccountCommand = { type: 'Bill', holder: { holderHash, billedAt: event.time } };
      return { id: accountId, command };
    }),
  );

/** Asks an account who holds it; one that has no bill yet keeps the customer as a watcher, unless too many wait already. */
export const askAccount =
  (accounts: Aggregate<Account, AccountCommand>): Executor<Customer, CustomerCommand> =>
  async ({ key, about: accountId = '' }, { links }, customerId) => {
    const command: AccountCommand = { type: 'Watch', customerId };
    const { state } = await accounts.send({ aggregateId: accountId, id: `${key}:watch`, command, body: { customerId } });
    const { holder, watchers } = state;
    if (holder) return { outcome: 'billed', command: { type: 'Judge', accountId, holderHash: holder.holderHash } };
    const asked = links.find((link) => link.accountId === accountId);
    if (!asked || !watchers.includes(customerId)) return undefined;
    return { outcome: 'watched', command: { type: 'AwaitBill', accountId, requestId: asked.requestId } };
  };

/** Tells a customer who holds an account that he waited for. */
export const tellCustomer =
  (customers: Aggregate<Customer, CustomerCommand>): Executor<Account, AccountCommand> =>
  async ({ key, about: customerId = '' }, { holder }, accountId) => {
    if (!holder) return undefined;
    const { holderHash } = holder;
    const command: CustomerCommand = { type: 'Judge', accountId, holderHash };
    await customers.send({ aggregateId: customerId, id: key, command, body: { accountId, holderHash } });
    return { outcome: 'told', command: { type: 'ForgetWatcher', customerId } };
  };

/** At most a third of a number is shown, and never more than its last four characters. */
export const maskedNumber = (number: string): string => {
  const shown = Math.min(4, Math.floor(number.length / 3));
  return `***${number.slice(number.length - shown)}`;
};

/** Ids and hashes as the scenes make them, so that the two can be compared. */
export const claimOf = (request: LinkRequest, idKey: KeyObject): Claimed => {
  const { customerId, scene, partnerId, accountNo, holderName, idempotencyKey } = request;
  const accountId = accountIds.keyed(idKey, scene, partnerId, accountNo);
  return {
    linkId: linkIds.of(customerId, accountId),
    // Hashed, since a caller may have put anything into its key.
    requestId: keyedHash(idKey, 'link', customerId, idempotencyKey),
    scene,
    partnerId,
    accountId,
    accountMasked: maskedNumber(accountNo),
    holderHash: keyedHash(idKey, scene, partnerId, accountNo, holderName),
    holderMasked: maskedName(holderName),
  };
};

type Linking = {
  customers: Aggregate<Customer, CustomerCommand>;
  ask: Executor<Customer, CustomerCommand>;
  idKey: KeyObject;
};

/**
 * Links an account and asks it at once, so that the caller hears how it ended. The effect of the same save asks too, and answers
 * where this process does not live that long; whichever answer comes second finds nothing that waits.
 */
export const linkAccount =
  ({ customers, ask, idKey }: Linking) =>
  async (request: LinkRequest): Promise<Link> => {
    const { customerId: aggregateId } = request;
    const claimed = claimOf(request, idKey);
    const { accountId, holderHash, requestId } = claimed;
    const command: CustomerCommand = { type: 'Link', claimed };
    let { state } = await customers.send({ aggregateId, id: `link|${requestId}`, command, body: { accountId, holderHash } });
    const question = askedOf(state).find(({ about }) => about === accountId);
    const answer = question && (await ask(question, state, aggregateId));
    if (answer) {
      const id = `${question.key}:answer:${answer.outcome}`;
      ({ state } = await customers.send({ aggregateId, id, command: answer.command, body: answer.command }));
    }
    const link = state.links.find((one) => one.accountId === accountId);
    if (!link) throw profileErrors.LINK_NOT_FOUND();
    if (link.status === 'refused') throw profileErrors.NAME_DIFFERS();
    return link;
  };
