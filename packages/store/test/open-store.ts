import { engineAddresses, openProxy } from '@scenefi/testing/engines';
import { connectStore } from '../src/connection.ts';

/** Real time, for time limits. */
export const clock = {
  after: (delayMs: number, run: () => void) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A database of this test file, as a database name may be written. */
export const databaseOf = (prefix: string): string => `${prefix.replaceAll('.', '-')}store`;

export const openStore = (prefix: string) => connectStore({ url: engineAddresses().mongoUrl, database: databaseOf(prefix), clock });

/** The same database through a proxy that can be cut and stalled; a stalled call gives up after `socketTimeoutMS`. */
export const openProxiedStore = async (prefix: string) => {
  const url = new URL(engineAddresses().mongoUrl);
  const proxy = await openProxy({ host: url.hostname, port: Number(url.port) });
  url.host = `127.0.0.1:${proxy.port}`;
  url.searchParams.delete('replicaSet');
  url.searchParams.set('directConnection', 'true');
  const store = await connectStore({ url: url.href, database: databaseOf(prefix), clock });
  const close = async (): Promise<void> => {
    proxy.heal();
    await store.close();
    await proxy.close();
  };
  return { proxy, store, close };
};
