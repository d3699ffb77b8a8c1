import { host } from '@scenefi/runtime';
import { PaymentsConfig } from './config.ts';
import { buildPayments } from './service.ts';

await host('payments', PaymentsConfig, buildPayments);
