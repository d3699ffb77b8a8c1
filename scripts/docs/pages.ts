import { billLifecycle } from '../../services/campus/src/bill-state.ts';
import { paymentLifecycle } from '../../services/payments/src/payment.ts';
import '../../services/ledger/src/errors.ts';
import '../../services/ingress/src/errors.ts';
import { asyncapiOf, publishers } from './asyncapi.ts';
import { errorsPage, eventsPage, lifecyclePage } from './markdown.ts';
import { openapiOf, routesOf } from './openapi.ts';

/** Every generated page below docs/, by its path. */
export const generatedPages = async (): Promise<Map<string, string>> => {
  const pages = new Map<string, string>([
    ['EVENTS.md', eventsPage()],
    ['ERRORS.md', errorsPage()],
    ['scenes/campus-bill.md', lifecyclePage(billLifecycle)],
    ['scenes/payment.md', lifecyclePage(paymentLifecycle)],
  ]);
  for (const service of publishers) pages.set(`asyncapi/${service}.json`, asyncapiOf(service));
  for (const service of Object.keys(routesOf)) pages.set(`openapi/${service}.json`, await openapiOf(service));
  return pages;
};
