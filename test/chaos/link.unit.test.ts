import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Link, openLink, wholeAnswers } from './link.ts';

const undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** An engine that says back what it hears, and counts what it heard. */
const startEcho = async () => {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      heard.push(chunk.toString());
      socket.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { heard, address: `127.0.0.1:${(server.address() as { port: number }).port}` };
};

const linkTo = async (address: string): Promise<Link> => {
  const link = await openLink({ target: () => address });
  undo.push(() => link.close());
  return link;
};

const caller = (link: Link): Socket => {
  const socket = connect(Number(link.address.split(':')[1]), '127.0.0.1');
  socket.on('error', () => undefined);
  undo.push(async () => socket.destroy());
  return socket;
};

const answerTo = async (socket: Socket, words: string): Promise<string> => {
  socket.write(words);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
};

test('an open link passes both ways', async () => {
  const { address } = await startEcho();
  expect(await answerTo(caller(await linkTo(address)), 'hello')).toBe('hello');
});

test('a mute link has the request done and loses the answer, and cuts that connection when it is healed', async () => {
  const { heard, address } = await startEcho();
  const link = await linkTo(address);
  const socket = caller(link);
  expect(await answerTo(socket, 'first')).toBe('first');
  let answers = 0;
  socket.on('data', () => {
    answers += 1;
  });
  link.mute();
  socket.write('second');
  await expect.poll(() => heard).toContain('second');
  // The echo of it is on its way through the link before a connection that comes later is answered.
  const other = caller(link);
  other.write('third');
  await expect.poll(() => heard).toContain('third');
  const closed = once(socket, 'close');
  await expect
    .poll(() => {
      link.heal();
      return socket.closed || socket.destroyed;
    })
    .toBe(true);
  await closed;
  expect(answers).toBe(0);
});

test('a stalled link holds what is said and passes it on when it is healed', async () => {
  const { heard, address } = await startEcho();
  const link = await linkTo(address);
  const socket = caller(link);
  expect(await answerTo(socket, 'first')).toBe('first');
  link.stall();
  socket.write('second');
  const answered = once(socket, 'data');
  expect(heard).toEqual(['first']);
  link.heal();
  expect(String((await answered)[0])).toBe('second');
});

test('a link that refuses ends every connection', async () => {
  const { address } = await startEcho();
  const link = await linkTo(address);
  const socket = caller(link);
  expect(await answerTo(socket, 'first')).toBe('first');
  const closed = once(socket, 'close');
  link.refuse();
  await closed;
  expect(socket.destroyed).toBe(true);
});

test('a slow link answers later, and in the order in which it was asked', async () => {
  const { address } = await startEcho();
  const link = await linkTo(address);
  const socket = caller(link);
  link.slow(100);
  const startedMs = performance.now();
  socket.write('one ');
  socket.write('two');
  let said = '';
  socket.on('data', (chunk) => {
    said += chunk.toString();
  });
  await expect.poll(() => said).toBe('one two');
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(95);
});

test('answers are put together whole, however they were cut', () => {
  const frame = (words: string): Buffer => {
    const size = Buffer.alloc(4);
    size.writeInt32BE(words.length);
    return Buffer.concat([size, Buffer.from(words)]);
  };
  const stream = Buffer.concat([frame('first answer'), frame(''), frame('second')]);
  for (let size = 1; size <= stream.length; size += 1) {
    const answers: string[] = [];
    const take = wholeAnswers((answer) => answers.push(answer.subarray(4).toString()));
    for (let at = 0; at < stream.length; at += size) take(stream.subarray(at, at + size));
    expect(answers).toEqual(['first answer', '', 'second']);
  }
});

test('a broker that tells its own address is heard to tell that of the link', async () => {
  const from = '127.0.0.1:9092';
  const told = (address: string): Buffer => {
    const [host = '', port = ''] = address.split(':');
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(Number(port));
    return Buffer.concat([Buffer.from(host), bytes]);
  };
  const server = createServer((socket) => {
    const body = told(from);
    const size = Buffer.alloc(4);
    size.writeInt32BE(body.length);
    socket.on('error', () => undefined);
    socket.write(Buffer.concat([size, body]));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(async () => server.close());
  const target = `127.0.0.1:${(server.address() as { port: number }).port}`;
  const to = '127.0.0.1:19092';
  const link = await openLink({ target: () => target, renamed: () => [{ from, to }] });
  undo.push(() => link.close());
  const [chunk] = (await once(caller(link), 'data')) as [Buffer];
  expect(chunk.subarray(4)).toEqual(told(to));
});
