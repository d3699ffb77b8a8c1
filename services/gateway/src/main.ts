import { host } from '@scenefi/runtime';
import { GatewayConfig } from './config.ts';
import { buildGateway } from './service.ts';

await host('gateway', GatewayConfig, buildGateway);
