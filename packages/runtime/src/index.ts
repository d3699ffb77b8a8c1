export { systemClock, systemRandom } from './clock.ts';
export { edgeConfig, Milliseconds, readConfig, SecretKey, serviceConfig } from './config.ts';
export { type Running, startEdge, startService } from './host.ts';
export { createLogger } from './logger.ts';
export { createMetrics } from './metrics.ts';
export type { Edge, Platform, Service, Start } from './platform.ts';
export { host, hostEdge } from './process.ts';
