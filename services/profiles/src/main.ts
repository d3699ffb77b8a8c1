import { host } from '@scenefi/runtime';
import { ProfilesConfig } from './config.ts';
import { buildProfiles } from './service.ts';

await host('profiles', ProfilesConfig, buildProfiles);
