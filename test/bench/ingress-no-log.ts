import { createBatcher } from '@scenefi/engine';
import { hostEdge } from '@scenefi/runtime';
import { IngressConfig } from '../../services/ingress/src/config.ts';
import { buildIngress } from '../../services/ingress/src/service.ts';

/** Takes everything at once and keeps none of it. */
const log = { send: async () => undefined, partitionOf: () => 0 };

/** Our ingress as its `main.ts` starts it, all but the log; the partners still come from their table in Kafka. */
await hostEdge('ingress', IngressConfig, (edge) => buildIngress({ ...edge, publisher: createBatcher({ log, meter: edge.meter }) }));
