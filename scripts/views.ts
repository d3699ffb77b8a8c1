import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { runCommand, serviceAccess, Usage } from './operator/access.ts';

const usage = `npm run views -- show
npm run views -- rebuild`;

const Generation = z.object({
  generation: z.int(),
  sizes: z.object({ bills: z.int(), payments: z.int(), links: z.int() }).optional(),
});
const Views = z.object({ present: Generation.optional(), building: Generation.optional() });
type Generation = z.output<typeof Generation>;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

type Access = { url: string; token: string };

const ask = async ({ url, token }: Access, path: string, method = 'GET'): Promise<{ status: number; json: unknown }> => {
  const call = fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(15_000) });
  const response = await call.catch((cause: unknown) => {
    throw new Error(`the gateway does not answer at ${url}`, { cause });
  });
  const json: unknown = await response.json();
  if (response.status === 401) throw new Usage('the gateway does not take this INTERNAL_TOKEN');
  if (response.status >= 500) throw new Usage(`the gateway answered ${response.status}: ${JSON.stringify(json)}`);
  return { status: response.status, json };
};

/** Named in the notes of `npm start`; of addresses that were given, the first that has views. */
const gatewayAccess = async (): Promise<Access> => {
  const { addresses, token } = serviceAccess();
  const named = addresses.filter(({ name }) => name === 'gateway');
  for (const { url } of named.length > 0 ? named : addresses) {
    if ((await ask({ url, token }, '/internal/views')).status === 200) return { url, token };
  }
  throw new Usage('none of these services has views; name the gateway in SERVICE_URLS');
};

const views = async (access: Access) => Views.parse((await ask(access, '/internal/views')).json);

const lineOf = (what: string, { generation, sizes }: Generation): string => {
  const counts = sizes ? `${sizes.bills} bills, ${sizes.payments} payments, ${sizes.links} customers with links` : 'being opened';
  return `${what} generation ${generation}: ${counts}`;
};

const show = async (access: Access): Promise<void> => {
  const { present, building } = await views(access);
  if (present) print(lineOf('reading', present));
  if (building) print(lineOf('building', building));
};

/** Waits until the new generation is read; giving up here stops nothing. */
const rebuild = async (access: Access): Promise<void> => {
  const { status, json } = await ask(access, '/internal/views/rebuild', 'POST');
  if (status === 409) throw new Usage('a generation is being built already; npm run views -- show tells how far it is');
  const wanted = z.object({ building: z.int() }).parse(json).building;
  for (let told = ''; ; await pause(1_000)) {
    const { present, building } = await views(access);
    if ((present?.generation ?? 0) >= wanted) {
      if (present) print(lineOf('reading', present));
      return;
    }
    const line = building ? lineOf('building', building) : '';
    if (line && line !== told) print(line);
    told = line;
  }
};

await runCommand(async () => {
  const [action] = parseArgs({ allowPositionals: true, options: {} }).positionals;
  if (action !== 'show' && action !== 'rebuild') throw new Usage(usage);
  const access = await gatewayAccess();
  await (action === 'show' ? show(access) : rebuild(access));
});
