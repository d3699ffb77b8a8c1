import { connect, createServer, type Socket } from 'node:net';

/** How a link treats its bytes: passes them, refuses everybody, holds everything, or loses every answer. */
type Mode = 'open' | 'refused' | 'stalled' | 'mute';

type Pair = { client: Socket; upstream: Socket; lost: boolean };

/** An address that a broker tells, and the one that leads through this process's own links. */
export type Renamed = { from: string; to: string };

const addressBytes = (address: string): Buffer => {
  const [host = '', port = ''] = address.split(':');
  const number = Buffer.alloc(4);
  number.writeInt32BE(Number(port));
  return Buffer.concat([Buffer.from(host), number]);
};

/** Cuts a stream of Kafka's answers into whole ones, so that an address never stands half in one chunk and half in the next. */
export const wholeAnswers = (take: (answer: Buffer) => void): ((chunk: Buffer) => void) => {
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    held = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
    while (held.length >= 4 && held.length >= held.readInt32BE(0) + 4) {
      const size = held.readInt32BE(0) + 4;
      take(held.subarray(0, size));
      held = held.subarray(size);
    }
  };
};

/** Passes chunks on in order, each as late as the link is slow. */
const createLane = (to: Socket, delayMs: () => number): ((chunk: Buffer) => void) => {
  const waiting: { chunk: Buffer; dueMs: number }[] = [];
  const drain = (): void => {
    while (waiting[0] && waiting[0].dueMs <= performance.now()) to.write(waiting.shift()!.chunk);
    if (waiting[0]) setTimeout(drain, Math.max(1, waiting[0].dueMs - performance.now()));
  };
  return (chunk) => {
    const ms = delayMs();
    if (ms === 0 && waiting.length === 0) {
      to.write(chunk);
      return;
    }
    waiting.push({ chunk, dueMs: performance.now() + ms });
    if (waiting.length === 1) setTimeout(drain, ms);
  };
};

type LinkParts = {
  /** Where it leads; asked for each connection, since an engine may come back elsewhere. */
  target: () => string;
  /** Addresses that are replaced in Kafka's answers; none for a link that is not to a broker. */
  renamed?: () => readonly Renamed[];
};

/** A TCP proxy between one process and one engine. What passes, and how late, is decided here and by no one else. */
export const openLink = async ({ target, renamed }: LinkParts) => {
  const pairs = new Set<Pair>();
  let mode: Mode = 'open';
  let delayMs = 0;

  const end = (pair: Pair): void => {
    pair.client.destroy();
    pair.upstream.destroy();
    pairs.delete(pair);
  };

  const answering = ({ client }: Pair): ((chunk: Buffer) => void) => {
    const pass = createLane(client, () => delayMs);
    if (!renamed) return pass;
    const words = renamed().map(({ from, to }) => ({ from: addressBytes(from), to: addressBytes(to) }));
    return wholeAnswers((answer) => {
      for (const { from, to } of words) for (let at = answer.indexOf(from); at >= 0; at = answer.indexOf(from, at + 1)) to.copy(answer, at);
      pass(answer);
    });
  };

  const server = createServer((client) => {
    if (mode === 'refused') {
      client.destroy();
      return;
    }
    const [host = '', port = ''] = target().split(':');
    const pair: Pair = { client, upstream: connect(Number(port), host), lost: false };
    pairs.add(pair);
    const { upstream } = pair;
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', () => end(pair)).on('close', () => end(pair));
    }
    client.on(
      'data',
      createLane(upstream, () => delayMs),
    );
    const answer = answering(pair);
    upstream.on('data', (chunk: Buffer) => {
      if (mode === 'mute') pair.lost = true;
      else answer(chunk);
    });
    if (mode === 'stalled') for (const socket of [client, upstream]) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const heal = (): void => {
    const before = mode;
    mode = 'open';
    delayMs = 0;
    for (const pair of pairs) {
      // An answer that was lost never comes: such a connection is over.
      if (pair.lost) end(pair);
      else if (before === 'stalled') for (const socket of [pair.client, pair.upstream]) socket.resume();
    }
  };
  return {
    address: `127.0.0.1:${(server.address() as { port: number }).port}`,
    /** Ends every connection and takes no new one. */
    refuse: (): void => {
      mode = 'refused';
      for (const pair of pairs) end(pair);
    },
    /** Nothing passes, and every connection stays open: nobody knows anything. */
    stall: (): void => {
      mode = 'stalled';
      for (const { client, upstream } of pairs) for (const socket of [client, upstream]) socket.pause();
    },
    /** Requests arrive and are done, and their answers are lost; on healing these connections are cut. */
    mute: (): void => {
      mode = 'mute';
    },
    /** Everything comes so much later, in each direction by half. */
    slow: (ms: number): void => {
      delayMs = ms / 2;
    },
    heal,
    close: async (): Promise<void> => {
      for (const pair of pairs) end(pair);
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
export type Link = Awaited<ReturnType<typeof openLink>>;
