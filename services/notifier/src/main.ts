import { host } from '@scenefi/runtime';
import { NotifierConfig } from './config.ts';
import { buildNotifier } from './service.ts';

await host('notifier', NotifierConfig, buildNotifier);
