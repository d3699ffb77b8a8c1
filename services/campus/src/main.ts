import { host } from '@scenefi/runtime';
import { CampusConfig } from './config.ts';
import { buildCampus } from './service.ts';

await host('campus', CampusConfig, buildCampus);
