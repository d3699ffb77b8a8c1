import { serviceConfig } from '@scenefi/runtime';
import type { z } from 'zod';

export const PaymentsConfig = serviceConfig;
export type PaymentsConfig = z.output<typeof PaymentsConfig>;
