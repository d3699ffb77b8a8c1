import { httpErrors, Problem } from '@scenefi/http';
import { Instant } from '@scenefi/kernel';
import { z } from 'zod';

/** Who may call the app's routes, and what each of them may refuse. */
export const security = [{ accessToken: [] }];
export const refusals = { 400: Problem, 401: Problem, 429: Problem, 503: Problem };
export const commandRefusals = { ...refusals, 404: Problem, 409: Problem, 413: Problem, 415: Problem, 422: Problem };

/** Times as people in China write them. */
export const LocalTime = z.iso.datetime({ offset: true }).describe('+08:00');

export const Held = z.object({ holder: z.string().describe('app, mandate or cashier; who it is stays untold'), until: LocalTime });

/** Whoever sends a command names it; sent again under the same name it is the same command. */
export const CommandHeaders = z.object({
  'idempotency-key': z.string().optional().describe('required: 1 to 64 visible characters; the same again is the same command'),
});

export const idempotencyKeyOf = (headers: z.output<typeof CommandHeaders>): string => {
  const key = headers['idempotency-key'] ?? '';
  if (!/^[\x21-\x7e]{1,64}$/.test(key)) throw httpErrors.IDEMPOTENCY_KEY_MISSING();
  return key;
};

/** Where a page ended: the time its list is sorted by, and the id that decides between equal times. */
export type Place = { at: Instant; id: string };

const Text = z.templateLiteral([Instant, '~', z.string().regex(/^[a-z0-9_:]{1,64}$/)]);

/** A place as callers carry it to the next page; what is inside is nobody's business but ours. */
export const cursorOf = ({ at, id }: Place): string => Buffer.from(`${at}~${id}`).toString('base64url');

const placeOf = (cursor: string): Place | undefined => {
  const text = Text.safeParse(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (!text.success) return undefined;
  const [at, id = ''] = text.data.split('~');
  return { at: at as Instant, id };
};

export const Cursor = z
  .string()
  .max(200)
  .transform((cursor, context) => {
    const place = placeOf(cursor);
    if (place) return place;
    context.addIssue({ code: 'custom', message: 'a cursor that this API gave' });
    return z.NEVER;
  })
  .describe('`next` of the page before');

/** What every list takes. */
export const PageQuery = z.object({
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

export const Next = z.string().nullable().describe('cursor of the next page; null on the last one');

/** Cuts one item more than was asked for into a page and the cursor of the next. */
export const pageOf = <Item>(
  found: readonly Item[],
  limit: number,
  place: (item: Item) => Place,
): { items: Item[]; next: string | null } => {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: found.length > limit && last !== undefined ? cursorOf(place(last)) : null };
};
