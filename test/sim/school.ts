import { instantOf } from '@scenefi/kernel';
import type { Post, Posted, Webhook } from '../../services/notifier/src/post.ts';
import type { Callers } from './callers.ts';
import type { Script, Stimulus } from './course.ts';
import type { Parts } from './replica.ts';
import type { Fault, World } from './world.ts';

type Told = { type: string; data: Record<string, unknown> };

/** What one school heard, once for each webhook, in the order in which it came. */
export type Heard = { partnerId: string; deliveryId: string; type: string; data: Readonly<Record<string, unknown>>; atMs: number };

/** What the school said of its own accord; `expects` is what it asked for. */
export type Said = { noticeId: string; partnerId: string; billNo: string; type: string; data: Readonly<Record<string, unknown>> };

export type Schools = {
  readonly heard: readonly Heard[];
  readonly said: readonly Said[];
  postOf(parts: Parts): Post;
  away: boolean;
};

type Play = { script: Script; delayMs: number; refundsFen: readonly number[] };

const faults: readonly Fault[] = ['away', 'answer-lost', 'late', 'slow', 'crash-before', 'crash-after'];
const prompt: Play = { script: 'prompt', delayMs: 0, refundsFen: [] };

/** The schools: each hears webhooks, and writes payments off as its script says. */
export const createSchools = (world: World, stimuli: readonly Stimulus[], callers: () => Callers): Schools => {
  const heard: Heard[] = [];
  const said: Said[] = [];
  const known = new Set<string>();
  const scripts = new Map<string, Play>(stimuli.flatMap((one) => (one.kind === 'script' ? [[`${one.partnerId} ${one.billNo}`, one]] : [])));

  const say = (inMs: number, own: Omit<Said, 'noticeId'>, id: string): void => {
    const noticeId = `${own.partnerId}:${id}`;
    if (known.has(noticeId)) return;
    known.add(noticeId);
    said.push({ ...own, noticeId });
    const body = JSON.stringify({ type: own.type, timestamp: '2026-01-05T10:00:00+08:00', data: { billNo: own.billNo, ...own.data } });
    const post = (): void => void callers().post({ ...own, noticeId, body });
    world.scheduler.at(world.scheduler.now() + inMs, post);
    // The same notice again, much later than it was heard.
    if (world.chance(noticeId, 'again') < 0.2) world.scheduler.at(world.scheduler.now() + inMs + world.between(100, 2_500, noticeId), post);
  };

  const write = (
    of: { partnerId: string; billNo: string },
    paymentId: string,
    amountFen: number,
    play: Play,
    id = `wo-${paymentId}`,
  ): void => {
    const data = { paymentId, amountFen, writtenOffAt: '2026-01-05T10:00:00+08:00' };
    say(play.delayMs, { ...of, type: 'campus.bill.written-off', data }, id);
    play.refundsFen.forEach((refundFen, index) => {
      const refund = { paymentId, refundNo: `r${index + 1}-${of.billNo}`, amountFen: refundFen, reason: 'a gift' };
      say(play.delayMs + 300 * (index + 1), { ...of, type: 'campus.refund.requested', data: refund }, `refund-${index}-${paymentId}`);
    });
  };

  const react = (partnerId: string, { type, data }: Told): void => {
    const { billNo, paymentId, amountFen, reminder } = data as { billNo: string; paymentId: string; amountFen: number; reminder?: number };
    const of = { partnerId, billNo };
    const play = scripts.get(`${partnerId} ${billNo}`) ?? prompt;
    const { script, delayMs } = play;
    const writesOff = {
      prompt: type === 'payment.debited',
      twice: type === 'payment.debited',
      'wrong-amount': type === 'payment.debited',
      'after-reminder': type === 'payment.debited' && Number(reminder) > 0,
      'after-reversal': type === 'payment.reversed',
      reject: false,
      silent: false,
    }[script];
    if (script === 'reject' && type === 'payment.debited') {
      const data = { paymentId, reason: 'unknown pupil' };
      say(delayMs, { ...of, type: 'campus.bill.write-off-rejected', data }, `no-${paymentId}`);
    }
    if (!writesOff) return;
    if (script === 'twice') write(of, paymentId, amountFen, play, `wo-again-${paymentId}`);
    if (script === 'wrong-amount') write(of, paymentId, amountFen + 1, { ...play, refundsFen: [] }, `wrong-${paymentId}`);
    write(of, paymentId, amountFen, play);
  };

  const take = (partnerId: string, deliveryId: string, body: string): void => {
    if (known.has(deliveryId)) return;
    known.add(deliveryId);
    const told = JSON.parse(body) as Told;
    heard.push({ partnerId, deliveryId, type: told.type, data: told.data, atMs: world.scheduler.now() });
    world.say(() => `${partnerId} hears ${told.type} ${JSON.stringify(told.data)}`);
    react(partnerId, told);
  };

  const schools: Schools = {
    heard,
    said,
    away: false,
    postOf:
      ({ life }) =>
      async ({ url, deliveryId, body }: Webhook): Promise<Posted> => {
        const partnerId = new URL(url).hostname.split('.')[0] ?? '';
        const at = instantOf(life.clock.now());
        try {
          const status = await life.call<number>({
            side: 'school',
            what: `post ${deliveryId}`,
            possible: faults,
            outage: () => new Error('nobody answers'),
            deed: (answer) => {
              if (schools.away) return answer(503);
              take(partnerId, deliveryId, body);
              answer(200);
            },
          });
          return { at, tookMs: 1, status, answer: '' };
        } catch {
          return { at, tookMs: 1, status: 'unreachable', answer: '' };
        }
      },
  };
  return schools;
};
