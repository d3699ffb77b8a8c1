import { hostEdge } from '@scenefi/runtime';
import { IngressConfig } from './config.ts';
import { buildIngress } from './service.ts';

await hostEdge('ingress', IngressConfig, buildIngress);
