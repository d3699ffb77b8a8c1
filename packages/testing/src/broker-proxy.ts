import { connect, createServer } from 'node:net';
import { openProxy } from './proxy.ts';

const portBytes = (port: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(port);
  return bytes;
};

/**
 * A proxy before one broker. A broker tells its clients its own address, which would lead them past any proxy,
 * so that address is replaced in what it says. `mute` loses the answers while requests still arrive.
 */
export const openBrokerProxy = async (broker: string) => {
  const [host = '', port = ''] = broker.split(':');
  const inner = await openProxy({ host, port: Number(port) });
  let muted = false;
  const server = createServer((client) => {
    const upstream = connect(inner.port, '127.0.0.1');
    const own = Buffer.concat([Buffer.from(host), portBytes(Number(port))]);
    const shown = Buffer.concat([Buffer.from(host), portBytes((server.address() as { port: number }).port)]);
    upstream.on('data', (chunk) => {
      if (muted) return;
      for (let at = chunk.indexOf(own); at >= 0; at = chunk.indexOf(own, at + 1)) shown.copy(chunk, at);
      client.write(chunk);
    });
    client.pipe(upstream);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    address: `${host}:${(server.address() as { port: number }).port}`,
    cut: inner.cut,
    stall: inner.stall,
    mute: (): void => {
      muted = true;
    },
    heal: (): void => {
      muted = false;
      inner.heal();
    },
    close: async (): Promise<void> => {
      server.close();
      await inner.close();
    },
  };
};
