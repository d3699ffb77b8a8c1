import { parseArgs } from 'node:util';
import { PartnerId, scenes } from '@scenefi/contracts';
import { registrySettings, runCommand, Usage } from './operator/access.ts';
import { openRegistry, type PartnerWords } from './operator/registry.ts';

const about = `[--scenes ${scenes.join(',')}] [--callback <url>] [--on-silence queue|reverse]`;
const usage = `npm run partners -- add <partnerId> --name <name> ${about}
npm run partners -- change <partnerId> [--name <name>] ${about}
npm run partners -- rotate <partnerId>
npm run partners -- revoke <partnerId> <keyId>
npm run partners -- list`;

type Registry = Awaited<ReturnType<typeof openRegistry>>;
type Words = Partial<Omit<PartnerWords, 'partnerId'>>;
type Call = { partnerId: string; keyId: string | undefined; words: Words };

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const known = (registry: Registry, partnerId: string) => {
  const row = registry.list().find((partner) => partner.partnerId === partnerId);
  if (!row) throw new Usage(`there is no partner ${partnerId}; npm run partners -- list shows them`);
  return row;
};

const showKey = ({ keyId, secret }: { keyId: string; secret: string }): void => {
  print(`key     ${keyId}`);
  print(`secret  ${secret}`);
  print('The secret is shown this once; hand it to the partner over a safe way.');
};

const actions: Record<string, (registry: Registry, call: Call) => Promise<void>> = {
  add: async (registry, { partnerId, words }) => {
    const { name, scenes: served = ['campus'], ...more } = words;
    if (!name) throw new Usage(`a partner needs a name\n${usage}`);
    if (registry.list().some((partner) => partner.partnerId === partnerId))
      throw new Usage(`${partnerId} is a partner already; rotate gives it a new key`);
    await registry.describe({ partnerId, name, scenes: served, ...more });
    showKey(await registry.issueKey(partnerId));
    if (!more.callbackUrl) print('Without --callback the partner hears nothing of payments; change adds one.');
  },
  change: async (registry, { partnerId, words }) => {
    const { keys: _keys, revoked: _revoked, revision: _revision, ...before } = known(registry, partnerId);
    if (Object.keys(words).length === 0) throw new Usage(`say what is to change\n${usage}`);
    await registry.describe({ ...before, ...words });
    print(`${partnerId} is described anew; every service knows within seconds`);
  },
  rotate: async (registry, { partnerId }) => {
    const { keys, revoked } = known(registry, partnerId);
    showKey(await registry.issueKey(partnerId));
    const old = keys.filter((keyId) => !revoked.includes(keyId));
    print(`Until they are revoked these keys count too: ${old.join(', ') || 'none'}`);
  },
  revoke: async (registry, { partnerId, keyId }) => {
    const { keys, revoked } = known(registry, partnerId);
    if (!keyId || !keys.includes(keyId))
      throw new Usage(`${partnerId} has no key ${keyId ?? ''}; its keys are ${keys.join(', ') || 'none'}`);
    if (revoked.includes(keyId)) throw new Usage(`${keyId} is revoked already`);
    await registry.revokeKey(partnerId, keyId);
    print(`${keyId} of ${partnerId} counts no longer; every ingress knows within seconds`);
  },
  list: async (registry) => {
    const rows = registry.list();
    if (rows.length === 0) print('no partners yet; npm run partners -- add brings one on board');
    for (const { partnerId, name, scenes: served, callbackUrl, keys, revoked } of rows) {
      const live = keys.filter((keyId) => !revoked.includes(keyId));
      const gone = revoked.length > 0 ? [`revoked ${revoked.join(',')}`] : [];
      print(
        [
          partnerId.padEnd(24),
          name,
          `scenes ${served.join(',')}`,
          `keys ${live.join(',') || 'none'}`,
          ...gone,
          callbackUrl ?? 'no callback',
        ].join('  '),
      );
    }
  },
};

const onSilences = ['queue', 'reverse'] as const;

const readWords = (values: Partial<Record<'name' | 'scenes' | 'callback' | 'on-silence', string>>): Words => {
  const { name, callback, scenes: listed, 'on-silence': silence } = values;
  const served = listed?.split(',');
  const strange = served?.find((scene) => !scenes.some((own) => own === scene));
  if (strange !== undefined) throw new Usage(`there is no scene ${strange}; there is ${scenes.join(', ')}`);
  if (callback !== undefined && !/^https?:/.test(URL.parse(callback)?.protocol ?? ''))
    throw new Usage('--callback wants an https:// address');
  const onSilence = onSilences.find((word) => word === silence);
  if (silence !== undefined && !onSilence) throw new Usage(`--on-silence wants ${onSilences.join(' or ')}`);
  return {
    ...(name && { name }),
    ...(served && { scenes: served }),
    ...(callback && { callbackUrl: callback }),
    ...(onSilence && { onSilence }),
  };
};

const readCall = (): { action: string; call: Call } => {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { name: text, scenes: text, callback: text, 'on-silence': text },
  });
  const [action = '', partnerId = '', keyId] = positionals;
  if (!(action in actions)) throw new Usage(usage);
  if (action !== 'list' && !PartnerId.safeParse(partnerId).success)
    throw new Usage(`a partnerId is 2 to 40 lower-case letters, digits and hyphens\n${usage}`);
  return { action, call: { partnerId, keyId, words: readWords(values) } };
};

await runCommand(async () => {
  const { action, call } = readCall();
  const registry = await openRegistry(registrySettings());
  try {
    await actions[action]!(registry, call);
  } finally {
    await registry.close();
  }
});
