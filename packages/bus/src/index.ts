export { type Bus, type BusParts, type Consumption, connectBus } from './bus.ts';
export type { BusConfig } from './client.ts';
export { decodeMessage, type Encoded, encodeEvent } from './codec.ts';
