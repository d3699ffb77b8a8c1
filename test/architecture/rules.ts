import type { IFlattenedRuleSet } from 'dependency-cruiser';

type Forbidden = NonNullable<IFlattenedRuleSet['forbidden']>[number];

const order = ['kernel', 'contracts', 'engine', 'bus|store|http', 'runtime', 'testing'];

/** A package knows only what stands before it; bus, store and http do not know each other. */
const downwards = order.slice(0, -1).map((own, index): Forbidden => {
  const later = order.slice(index + 1).join('|');
  const beside = own.includes('|') ? `(?!$1)(?:${own})` : '(?!)';
  return {
    name: `${own} knows only what stands before it`,
    severity: 'error',
    from: { path: `^packages/(${own})/src` },
    to: { path: `^packages/(?:${later}|${beside})/` },
  };
});

const only = (name: string, module: string, where: string): Forbidden => ({
  name,
  severity: 'error',
  from: { path: '^(packages|services)/[^/]+/src', pathNot: where },
  to: { path: `node_modules/(?:\\.pnpm/)?${module}[@/]` },
});

/** What stands around the scenes of a service: the files that every service has, and those named after an outside system. */
const outside = ['core-bank', 'address-guard', 'post', 'deliver'];
const edges = `(${['handlers', 'routes', 'store', 'service', 'config', 'main', ...outside].join('|')})\\.ts`;

/** The architecture as rules; there are no exemptions. */
export const forbidden: Forbidden[] = [
  { name: 'no cycles', severity: 'error', from: {}, to: { circular: true } },
  ...downwards,
  { name: 'packages know no service', severity: 'error', from: { path: '^packages/' }, to: { path: '^services/' } },
  {
    name: 'services know no other service',
    severity: 'error',
    from: { path: '^services/([^/]+)/' },
    to: { path: '^services/', pathNot: '^services/$1/' },
  },
  {
    name: 'a package is entered by its door',
    severity: 'error',
    from: { path: '^(packages|services)/([^/]+)/' },
    to: {
      path: '^packages/[^/]+/src/',
      pathNot: ['^packages/$2/src/', '/src/index\\.ts$', '^packages/testing/src/(scenario|engines)\\.ts$'],
    },
  },
  {
    name: 'a scene is pure: kernel, contracts, its errors and each other',
    severity: 'error',
    from: { path: '^services/(campus|payments|profiles|notifier)/src/', pathNot: `/src/${edges}$` },
    to: { pathNot: ['^packages/(kernel|contracts)/', `^services/$1/src/(?!${edges})`] },
  },
  only('only bus speaks Kafka', 'kafkajs', '^packages/(bus|testing)/'),
  only('only store speaks MongoDB', 'mongoose', '^packages/(store|testing)/|^services/[^/]+/src/store\\.ts$'),
  only('only http and routes speak Fastify', 'fastify', '^packages/(http|runtime)/|^services/[^/]+/src/routes\\.ts$'),
];
