import type { Aggregate, EffectResult, Sending } from '@scenefi/engine';
import type { Effect, Instant, Scene } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { type Account, type AccountCommand, accountScene } from '../src/account.ts';
import { customerScene } from '../src/customer.ts';
import type { Customer, CustomerCommand } from '../src/customer-state.ts';
import { askAccount, tellCustomer } from '../src/handlers.ts';
import { accountOf, at, customerId, link, right, rules, unlink, wrong } from './profile-words.ts';

const customers = customerScene(rules);
const accounts = accountScene(rules);
const accountId = accountOf('a');

/** Something under way; what a crash loses is found by a wake-up. */
type Task = { name: string; mayBeLost: boolean; run: (world: World) => Promise<void> };
type World = { at: Instant; customer: Customer; account: Account; tasks: Task[]; losses: number };

type Typed = { type: string };

/** Decides one command on a copy of the world, and puts what the new state wants done beside what is under way. */
const decided = <State, Command extends Typed, Fact extends Typed>(
  scene: Scene<State, Command, Fact>,
  before: State,
  command: Command,
  { id, at, begin }: { id: string; at: Instant; begin: (effect: Effect, after: State) => void },
): State => {
  const after = scene.decide(command, before, { at }).reduce((state, fact) => scene.evolve(state, fact, at), before);
  const named = new Set((scene.effectsOf?.(before, id) ?? []).map(({ key, attempt }) => `${key}#${attempt}`));
  for (const effect of scene.effectsOf?.(after, id) ?? []) if (!named.has(`${effect.key}#${effect.attempt}`)) begin(effect, after);
  return after;
};

const answerOf = <Command extends Typed>(
  name: string,
  result: EffectResult<Command> | undefined,
  take: (world: World, command: Command) => void,
): Task[] =>
  result ? [{ name: `${name} answers ${result.outcome}`, mayBeLost: true, run: async (world) => take(world, result.command) }] : [];

const toCustomer = (world: World, command: CustomerCommand): void => {
  const begin = (effect: Effect, after: Customer): void => {
    const run = async (later: World): Promise<void> => {
      const result = await askAccount(accountsOf(later))(effect, after, customerId);
      later.tasks.push(...answerOf('ask', result, toCustomer));
    };
    world.tasks.push({ name: `ask ${effect.attempt}`, mayBeLost: true, run });
  };
  world.customer = decided(customers, world.customer, command, { id: customerId, at: world.at, begin });
};

const toAccount = (world: World, command: AccountCommand): void => {
  const begin = (effect: Effect, after: Account): void => {
    const run = async (later: World): Promise<void> => {
      const result = await tellCustomer(customersOf(later))(effect, after, accountId);
      later.tasks.push(...answerOf('tell', result, toAccount));
    };
    world.tasks.push({ name: `tell ${effect.attempt}`, mayBeLost: true, run });
  };
  world.account = decided(accounts, world.account, command, { id: accountId, at: world.at, begin });
};

const aggregate = <State, Command>(take: (command: Command) => State): Aggregate<State, Command> => ({
  apply: async () => [],
  send: async ({ command }: Sending<Command>) => ({ state: take(command), version: 0, repeated: false }),
});

const accountsOf = (world: World) =>
  aggregate<Account, AccountCommand>((command) => {
    toAccount(world, command);
    return world.account;
  });
const customersOf = (world: World) =>
  aggregate<Customer, CustomerCommand>((command) => {
    toCustomer(world, command);
    return world.customer;
  });

/** Requests of one customer come one after the other, everything else as it likes. */
const requests = ([first, ...more]: readonly CustomerCommand[]): Task[] =>
  first
    ? [
        {
          name: first.type,
          mayBeLost: false,
          run: async (world) => {
            toCustomer(world, first);
            world.tasks.push(...requests(more));
          },
        },
      ]
    : [];

const bill = (holderHash: string, billedAt: Instant = at): Task => ({
  name: `bill of ${holderHash}`,
  mayBeLost: false,
  run: async (world) => toAccount(world, { type: 'Bill', holder: { holderHash, billedAt } }),
});

const wokenUp = (world: World): World | undefined => {
  const wakes = [customers.wakeAt?.(world.customer)?.at, accounts.wakeAt?.(world.account)?.at].filter((due) => due !== undefined).sort();
  const [due] = wakes;
  if (!due) return undefined;
  const woken = { ...world, at: due, tasks: [] };
  toCustomer(woken, { type: 'Wake' });
  toAccount(woken, { type: 'Wake' });
  return woken;
};

/** Every order in which the tasks can run, and in each of them up to `losses` lost: how the world can end. */
const endings = async (world: World): Promise<World[]> => {
  if (world.tasks.length === 0) {
    const woken = wokenUp(world);
    return woken ? endings(woken) : [world];
  }
  const ends: World[] = [];
  for (const task of world.tasks) {
    const tasks = world.tasks.filter((other) => other !== task);
    const next = { ...world, tasks: [...tasks] };
    await task.run(next);
    ends.push(...(await endings(next)));
    if (task.mayBeLost && world.losses > 0) ends.push(...(await endings({ ...world, tasks, losses: world.losses - 1 })));
  }
  return ends;
};

const start = (tasks: Task[]): World => ({ at, customer: customers.initial, account: accounts.initial, tasks, losses: 2 });

const statusesOf = (ends: readonly World[]): string[] =>
  [...new Set(ends.map(({ customer }) => customer.links[0]?.status ?? 'none'))].sort();

const nobodyWaits = (ends: readonly World[]): void => {
  for (const { account, customer } of ends) {
    expect(account.telling).toBeUndefined();
    expect(customer.links.filter(({ asking }) => asking)).toEqual([]);
  }
};

test('whether the bill comes before, after or amid the linking, the right name ends as linked', async () => {
  const ends = await endings(start([...requests([link('a', right)]), bill(right)]));
  expect(ends.length).toBeGreaterThan(50);
  expect(statusesOf(ends)).toEqual(['linked']);
  nobodyWaits(ends);
});

test('a wrong name ends as refused in every order, and counts once', async () => {
  const ends = await endings(start([...requests([link('a', wrong)]), bill(right)]));
  expect(statusesOf(ends)).toEqual(['refused']);
  expect(new Set(ends.map(({ customer }) => customer.wrongNames.length))).toEqual(new Set([1]));
});

test('a name that is corrected ends as linked in every order', async () => {
  const ends = await endings({ ...start([...requests([link('a', wrong), link('a', right)]), bill(right)]), losses: 1 });
  expect(statusesOf(ends)).toEqual(['linked']);
  nobodyWaits(ends);
});

test('what is unlinked and linked again ends as linked in every order', async () => {
  const again = [link('a', right), unlink('a'), link('a', right, 'another-request')];
  const ends = await endings({ ...start([...requests(again), bill(right)]), losses: 1 });
  expect(statusesOf(ends)).toEqual(['linked']);
  nobodyWaits(ends);
});

test('what is unlinked stays unlinked, whatever answers come late', async () => {
  const ends = await endings(start([...requests([link('a', right), unlink('a')]), bill(right)]));
  expect(statusesOf(ends)).toEqual(['none']);
});

test('while nothing is billed the link waits, and nothing runs', async () => {
  const ends = await endings(start(requests([link('a', right)])));
  expect(statusesOf(ends)).toEqual(['pending']);
  nobodyWaits(ends);
  expect(new Set(ends.map(({ account }) => account.watchers.join()))).toEqual(new Set([customerId]));
});

test('a number that went to another student never links by the old name once the new bill was heard', async () => {
  const bills = [bill(right), bill(wrong, '2025-09-01T00:00:00.000Z')];
  const heard = start([]);
  for (const task of bills) await task.run(heard);
  expect(statusesOf(await endings({ ...heard, tasks: requests([link('a', wrong)]) }))).toEqual(['refused']);
  expect(statusesOf(await endings({ ...heard, tasks: requests([link('a', right)]) }))).toEqual(['linked']);
});
