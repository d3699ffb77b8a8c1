import { linkLifecycle } from '../../services/profiles/src/customer-state.ts';
import '../../services/ledger/src/errors.ts';
import '../../services/ingress/src/errors.ts';
import { asyncapiOf, publishers } from './asyncapi.ts';
import { campusStory } from './campus-story.ts';
import { errorsPage, eventsPage, lifecyclePage } from './markdown.ts';
import { openapiOf, routesOf } from './openapi.ts';

/** Every generated page below docs/, by its path. */
export const generatedPages = async (): Promise<Map<string, string>> => {
  const pages = new Map<string, string>([
    ['EVENTS.md', eventsPage()],
    ['ERRORS.md', errorsPage()],
    ['scenes/campus.md', campusStory()],
    ['scenes/linked-account.md', lifecyclePage(linkLifecycle)],
  ]);
  for (const service of publishers) pages.set(`asyncapi/${service}.json`, asyncapiOf(service));
  for (const service of Object.keys(routesOf)) pages.set(`openapi/${service}.json`, await openapiOf(service));
  return pages;
};
