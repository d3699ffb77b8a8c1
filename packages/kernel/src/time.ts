import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';

/** A moment in UTC with milliseconds, `2026-01-02T03:04:05.000Z`: such strings sort by time. */
export type Instant = `${string}Z`;
export const Instant = z.templateLiteral([z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/), 'Z']);

const earliestMs = Date.parse('0000-01-01T00:00:00.000Z');
const latestMs = Date.parse('9999-12-31T23:59:59.999Z');

/** Whether the UTC year has four digits; what is no time at all was told already. */
const hasInstant = (time: string): boolean => {
  const ms = Date.parse(time);
  return Number.isNaN(ms) || (ms >= earliestMs && ms <= latestMs);
};

/** A moment as partners write it: ISO 8601 with an offset or `Z`, within the UTC years that an Instant can have. */
export const OffsetTime = z.iso.datetime({ offset: true }).refine(hasInstant, 'lies outside the years 0000 to 9999 in UTC');

const zone = 'Asia/Shanghai';

/** Milliseconds since 1970 as an Instant. */
export const instantOf = (epochMs: number): Instant => new Date(epochMs).toISOString() as Instant;

export const epochMs = (at: Instant): number => Date.parse(at);

/**
 * Any ISO time with an offset as the same moment in UTC; finer than a millisecond is cut off, by us:
 * Date.parse reads a fraction of ten digits wrongly (`.0004000000` as 4 ms).
 */
export const toInstant = (time: string): Instant => instantOf(Date.parse(time.replace(/(\.\d{3})\d+/, '$1')));

export const addMs = (at: Instant, ms: number): Instant => instantOf(epochMs(at) + ms);

const dayOf = (at: Instant): string => Temporal.Instant.from(at).toZonedDateTimeISO(zone).toPlainDate().toString();

/** Since then Shanghai has differed from UTC by whole hours, so that all moments of an hour fall on the same day. */
const wholeHoursSince = '1901-01-01T00';
let lately = { hour: '', day: '' };

/** The bank's business day that a moment falls on. Most moments fall into the hour of the one before, and are answered from it. */
export const shanghaiDay = (at: Instant): string => {
  const hour = at.slice(0, wholeHoursSince.length);
  if (hour < wholeHoursSince) return dayOf(at);
  if (lately.hour !== hour) lately = { hour, day: dayOf(at) };
  return lately.day;
};

/** The same moment as people in China write it, `2026-01-02T11:04:05.000+08:00`. */
export const shanghaiTime = (at: Instant): string =>
  Temporal.Instant.from(at).toZonedDateTimeISO(zone).toString({ fractionalSecondDigits: 3, timeZoneName: 'never' });
