import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatSecret, signWebhook } from '@scenefi/http';
import { keptLogger, testRandom } from '@scenefi/testing/scenario';
import { openWorld, type World } from '../src/open-world.ts';
import { WorldConfig } from '../src/world-config.ts';
import { type Arrival, gateAnswer, hurriedClock, openGate } from './school-gate.ts';

export const school = 'school-a';
export const bankToken = 'token-of-the-core-bank';
const secretBytes = Buffer.alloc(32, 7);

export type Posted = { type: string; data: Record<string, unknown> };

type Telling = { id?: string; type?: string; data?: object; partnerId?: string; secret?: Buffer; headers?: Record<string, string> };

type GateStatus = (arrival: Arrival, count: number) => number | Promise<number>;

/** The whole world behind its port, and a gate in the place of ingress; time passes at once. `schoolLines` is what was there before. */
export const worldUnderTest = async (gateStatus: GateStatus = () => 0, schoolLines = '') => {
  const folder = await mkdtemp(join(tmpdir(), 'world-'));
  const clock = hurriedClock();
  const logger = keptLogger();
  const arrivals: Arrival[] = [];
  const arrived: (() => void)[] = [];
  const gate = await openGate(async (arrival) => {
    arrivals.push(arrival);
    for (const tell of arrived.splice(0)) tell();
    // A gate that says nothing of its own checks as ingress does.
    return (await gateStatus(arrival, arrivals.length)) || gateAnswer(arrival, clock.now());
  });
  const partners = [{ partnerId: school, name: '东湖小学', secret: formatSecret(secretBytes) }];
  await writeFile(join(folder, 'partners.json'), JSON.stringify(partners));
  await writeFile(join(folder, 'schools.jsonl'), schoolLines);
  const config = WorldConfig.parse({
    PORT: '0',
    BANK_FILE: join(folder, 'bank.jsonl'),
    SCHOOL_FILE: join(folder, 'schools.jsonl'),
    PARTNERS_FILE: join(folder, 'partners.json'),
    JWT_SEED_FILE: join(folder, 'seed'),
    INGRESS_URLS: gate.url,
    BANK_TOKEN: bankToken,
    ISSUER: 'http://127.0.0.1:8799',
  });
  const open = (): Promise<World> => openWorld({ config, clock, random: testRandom(3), logger });
  let world = await open();

  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${world.url}${path}`, init);
    const body: unknown = await response.json();
    return { status: response.status, body };
  };
  const askBank = (method: 'GET' | 'POST', path: string, body?: object, token = bankToken) =>
    ask(path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  const signIn = async (user: string, stepUp?: boolean) => {
    const { body } = await ask('/tokens', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user, ...(stepUp !== undefined && { stepUp }) }),
    });
    return body as { token: string; customerId: string; expiresInS: number };
  };
  /** Posts to the school as the bank does, signed unless a header says otherwise. */
  const tell = ({ id = 'dlv_1', type = 'payment.debited', data = {}, partnerId = school, secret = secretBytes, headers }: Telling) => {
    const timestampS = Math.floor(clock.now() / 1000);
    const body = JSON.stringify({ type, timestamp: '2026-09-01T08:00:00.000+08:00', data });
    const signature = signWebhook({ secret, id, timestampS, body });
    const signed = { 'webhook-id': id, 'webhook-timestamp': String(timestampS), 'webhook-signature': signature };
    return ask(`/schools/${partnerId}/webhooks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signed, ...headers },
      body,
    });
  };
  const posted = (): Posted[] => arrivals.map(({ body }) => JSON.parse(body));

  return {
    clock,
    config,
    logger,
    arrivals,
    posted,
    ask,
    askBank,
    signIn,
    tell,
    books: async (billNo: string) => (await ask(`/schools/${school}/books?billNo=${encodeURIComponent(billNo)}`)).body,
    /** Resolves once so many notices have come to the gate. */
    arrivedAt: async (count: number): Promise<void> => {
      while (arrivals.length < count) await new Promise<void>((resolve) => arrived.push(resolve));
    },
    restart: async (): Promise<void> => {
      await world.stop();
      world = await open();
    },
    close: async (): Promise<void> => {
      await world.stop();
      await gate.close();
    },
    url: () => world.url,
  };
};

export type WorldUnderTest = Awaited<ReturnType<typeof worldUnderTest>>;
