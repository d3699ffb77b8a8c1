import { parseArgs } from 'node:util';
import { MessageDetail, MessageRedrive, MessageSummary } from '@scenefi/http';
import { z } from 'zod';
import { runCommand, serviceAccess, Usage } from './operator/access.ts';
import type { Address } from './start/watch.ts';

const usage = `npm run messages -- list [--service campus]
npm run messages -- show <id>
npm run messages -- redrive <id>`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

type Access = { addresses: Address[]; token: string };

const ask = async ({ name, url }: Address, token: string, path: string, method = 'GET'): Promise<{ status: number; json: unknown }> => {
  const call = fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(15_000) });
  const response = await call.catch((cause: unknown) => {
    throw new Error(`${name} does not answer at ${url}`, { cause });
  });
  const json: unknown = await response.json();
  if (response.status === 401) throw new Usage(`${name} does not take this INTERNAL_TOKEN`);
  if (response.status >= 500) throw new Usage(`${name} answered ${response.status}: ${JSON.stringify(json)}`);
  return { status: response.status, json };
};

/** Asks the services one after the other; the first that knows the message answers. */
const first = async ({ addresses, token }: Access, path: string, method = 'GET'): Promise<{ service: string; json: unknown }> => {
  for (const address of addresses) {
    const { status, json } = await ask(address, token, path, method);
    if (status === 200) return { service: address.name, json };
  }
  throw new Usage('no service has a parked or dead message with this id; npm run messages -- list shows them');
};

const list = async ({ addresses, token }: Access): Promise<void> => {
  let shown = 0;
  for (const address of addresses) {
    const { json } = await ask(address, token, '/internal/messages');
    for (const { id, kind, code, at, topic, messageId, redrivenAt } of z.object({ messages: z.array(MessageSummary) }).parse(json)
      .messages) {
      shown += 1;
      const again = redrivenAt ? [`redriven ${redrivenAt}`] : [];
      print([address.name, kind.padEnd(6), at, code, topic, messageId ?? '', id, ...again].join('  '));
    }
  }
  if (shown === 0) print('nothing is parked and nothing is dead');
};

const show = async (access: Access, id: string): Promise<void> => {
  const { service, json } = await first(access, `/internal/messages/${encodeURIComponent(id)}`);
  const { bodyBase64, ...message } = MessageDetail.parse(json);
  const body = bodyBase64 === null ? null : Buffer.from(bodyBase64, 'base64').toString('utf8');
  print(JSON.stringify({ service, ...message, body }, null, 2));
};

const redrive = async (access: Access, id: string): Promise<void> => {
  const { service, json } = await first(access, `/internal/messages/${encodeURIComponent(id)}/redrive`, 'POST');
  const { status, code } = MessageRedrive.parse(json);
  print(`${service}: ${status}${code ? ` (${code})` : ''}`);
};

await runCommand(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { service: { type: 'string' } } });
  const [action, id] = positionals;
  const { addresses, token } = serviceAccess();
  const access = { addresses: addresses.filter(({ name }) => !values.service || name === values.service), token };
  if (access.addresses.length === 0)
    throw new Usage(`there is no service ${values.service}; there is ${addresses.map(({ name }) => name).join(', ')}`);
  if (action === 'list') await list(access);
  else if (action === 'show' && id) await show(access, id);
  else if (action === 'redrive' && id) await redrive(access, id);
  else throw new Usage(usage);
});
