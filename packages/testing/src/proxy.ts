import { connect, createServer, type Server, type Socket } from 'node:net';

export type Proxy = {
  port: number;
  /** Cuts every connection and refuses new ones, as an engine that is away. */
  cut(): void;
  /** Lets bytes pass no longer, but keeps connections open: nobody knows anything. */
  stall(): void;
  /** As before. */
  heal(): void;
  close(): Promise<void>;
};

type Pair = { client: Socket; upstream: Socket };

/** A TCP proxy on 127.0.0.1 before one engine: outages are made here, the shared engine is never stopped. */
export const openProxy = async (target: { host: string; port: number }): Promise<Proxy> => {
  const pairs = new Set<Pair>();
  let mode: 'open' | 'cut' | 'stalled' = 'open';

  const join = (client: Socket): void => {
    if (mode === 'cut') {
      client.destroy();
      return;
    }
    const upstream = connect(target);
    const pair = { client, upstream };
    pairs.add(pair);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
      pairs.delete(pair);
    };
    for (const socket of [client, upstream]) {
      socket.on('error', end);
      socket.on('close', end);
    }
    client.pipe(upstream);
    upstream.pipe(client);
    if (mode === 'stalled') pause(pair);
  };

  const pause = ({ client, upstream }: Pair): void => {
    client.unpipe(upstream);
    upstream.unpipe(client);
    client.pause();
    upstream.pause();
  };

  const server: Server = createServer(join);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    cut: () => {
      mode = 'cut';
      for (const { client, upstream } of pairs) {
        client.destroy();
        upstream.destroy();
      }
    },
    stall: () => {
      mode = 'stalled';
      for (const pair of pairs) pause(pair);
    },
    heal: () => {
      const stalled = mode === 'stalled';
      mode = 'open';
      if (!stalled) return;
      for (const { client, upstream } of pairs) {
        client.pipe(upstream);
        upstream.pipe(client);
      }
    },
    close: () =>
      new Promise((resolve) => {
        for (const { client, upstream } of pairs) {
          client.destroy();
          upstream.destroy();
        }
        server.close(() => resolve());
      }),
  };
};
