export { type Bus, connectBus } from './bus.ts';
export { decodeMessage, encodeEvent } from './codec.ts';
