export { systemClock, systemRandom } from './clock.ts';
export { ConfigError, edgeConfig, readConfig, serviceConfig } from './config.ts';
export { type Edge, type Platform, type Running, type Service, type Start, startEdge, startService } from './host.ts';
export { createLogger, type LogSink } from './logger.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { host, hostEdge } from './process.ts';
