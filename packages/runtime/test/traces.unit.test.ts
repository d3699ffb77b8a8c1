import { type Link, type Span, type SpanOptions, trace } from '@opentelemetry/api';
import type { Message } from '@scenefi/engine';
import { beforeAll, expect, test } from 'vitest';
import { startTraces, tracedSettle } from '../src/traces.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const started: { name: string; links: Link[]; ended: boolean; failed: boolean }[] = [];

const startSpan = (name: string, { links = [] }: SpanOptions = {}): Span => {
  const kept = { name, links, ended: false, failed: false };
  started.push(kept);
  const span: Span = {
    spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
    setAttribute: () => span,
    setAttributes: () => span,
    addEvent: () => span,
    addLink: () => span,
    addLinks: () => span,
    setStatus: () => {
      kept.failed = true;
      return span;
    },
    updateName: () => span,
    end: () => {
      kept.ended = true;
    },
    isRecording: () => true,
    recordException: () => undefined,
  };
  return span;
};

beforeAll(() => {
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan, startActiveSpan: () => undefined as never }) });
});

const message = (traceparent: string): Message => ({
  topic: 'campus.notice.v1',
  partition: 0,
  offset: 1,
  key: 'k',
  value: null,
  timestampMs: 0,
  headers: {},
  event: { id: 'e', source: '/s', type: 't', time: '2026-01-01T00:00:00.000Z', traceparent },
});

test('a slice is one span that is linked to the traces of its messages', async () => {
  await tracedSettle(async () => undefined)([message(`00-${traceId}-${spanId}-01`), message('broken')]);
  const { name, links, ended, failed } = started.at(-1)!;
  expect({ name, ended, failed }).toEqual({ name: 'settle campus.notice.v1', ended: true, failed: false });
  expect(links.map(({ context }) => context.traceId)).toEqual([traceId]);
});

test('a slice that fails is seen as failed, and its error goes on', async () => {
  const settle = tracedSettle(() => Promise.reject(new Error('away')));
  await expect(settle([message('')])).rejects.toThrow('away');
  expect(started.at(-1)).toMatchObject({ ended: true, failed: true });
});

test('without an exporter nothing is loaded', async () => {
  expect(await startTraces('campus', {})).toBeUndefined();
});
