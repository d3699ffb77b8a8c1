export { systemClock, systemRandom } from './clock.ts';
export { edgeConfig, readConfig, serviceConfig } from './config.ts';
export { type Edge, type Platform, type Running, type Service, type Start, startEdge, startService } from './host.ts';
export { createLogger } from './logger.ts';
export { createMetrics } from './metrics.ts';
export { host, hostEdge } from './process.ts';
