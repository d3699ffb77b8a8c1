import type { Instant, Scene } from '@scenefi/kernel';
import { gatewayErrors } from './errors.ts';

/** How many moments of one thing are told; the oldest are forgotten first. */
export const momentsMax = 50;

/** What happened at one version of a thing, for whoever is told its story. */
export type Moment = {
  version: number;
  /** The last word of the fact's type, such as `debited`. */
  fact: string;
  at: Instant;
  code?: string;
  refund?: { refundNo: string; amountFen: number };
  held?: { holder: string; until: Instant };
  returned?: boolean;
  queue?: string;
};

/** The newest picture of one thing of another service, and what had happened until then. */
export type View<Picture> = { version: number; picture?: Picture; history: readonly Moment[] };

export type Show<Picture> = { type: 'Show'; version: number; picture: Picture; moment?: Moment };

type Shown<Picture> = Omit<Show<Picture>, 'type'> & { type: 'view.shown' };

type ViewScene<Picture> = Scene<View<Picture>, Show<Picture>, Shown<Picture>>;

/** Whether this moment is told already, or is older than all that is told. */
const isTold = (history: readonly Moment[], { version }: Moment): boolean =>
  history.some((told) => told.version === version) || (history.length === momentsMax && version < history[0]!.version);

const told = (history: readonly Moment[], moment: Moment): Moment[] =>
  [...history, moment].sort((left, right) => left.version - right.version).slice(-momentsMax);

/**
 * One kind of view. The version of a fact alone says where it belongs, so that every order of hearing ends alike:
 * an older fact never changes the picture, but what it tells still finds its place in the history.
 */
export const viewScene = <Picture>(name: string): ViewScene<Picture> => ({
  name,
  initial: { version: 0, history: [] },
  decide: ({ version, picture, moment }, view) => {
    if (!(version >= 1)) throw gatewayErrors.FACT_WITHOUT_VERSION({ view: name });
    const tellsMore = moment !== undefined && !isTold(view.history, moment);
    if (version <= view.version && !tellsMore) return [];
    return [{ type: 'view.shown', version, picture, ...(tellsMore && { moment }) }];
  },
  evolve: (view, { version, picture, moment }) => ({
    ...view,
    ...(version > view.version && { version, picture }),
    ...(moment && { history: told(view.history, moment) }),
  }),
  contracts: { 'view.shown': 'private' },
  publish: () => {
    throw new Error('a view publishes nothing');
  },
});
