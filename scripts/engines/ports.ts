import { createServer, type Server } from 'node:net';

const listen = (port: number): Promise<Server | undefined> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (port === 0 ? reject(error) : resolve(undefined)));
    server.listen({ port, host: '127.0.0.1' }, () => resolve(server));
  });

const portOf = (server: Server): number => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('A listening TCP server has a port');
  return address.port;
};

// An engine listens only a while after its port was chosen, and nobody else may be given that port meanwhile.
const handedOut = new Set<number>();

/** Free ports of 127.0.0.1; those of the last run are kept where they are still free, so that addresses stay the same. */
export const freePorts = async (count: number, preferred: readonly number[] = []): Promise<number[]> => {
  const servers: Server[] = [];
  const ports: number[] = [];
  for (let index = 0; ports.length < count; index++) {
    const wanted = preferred[index] ?? 0;
    const server = (await listen(wanted)) ?? (await listen(0))!;
    const port = portOf(server);
    servers.push(server);
    if (port !== wanted && handedOut.has(port)) continue;
    handedOut.add(port);
    ports.push(port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
};
