import { serviceConfig } from '@scenefi/runtime';
import type { z } from 'zod';

export const LedgerConfig = serviceConfig;
export type LedgerConfig = z.output<typeof LedgerConfig>;
