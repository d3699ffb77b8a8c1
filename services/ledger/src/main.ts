import { host } from '@scenefi/runtime';
import { LedgerConfig } from './config.ts';
import { buildLedger } from './service.ts';

await host('ledger', LedgerConfig, buildLedger);
