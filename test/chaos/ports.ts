import { freePorts } from '../../scripts/engines/ports.ts';

const perRun = 100;
const runsAtOnce = 180;
let next = 12_000 + (process.pid % runsAtOnce) * perRun;

/**
 * Free ports below those that the system gives to outgoing connections: whoever is killed must find its own port free when it comes back.
 */
export const steadyPorts = (count: number): Promise<number[]> => {
  const wanted = Array.from({ length: count }, (_, index) => next + index);
  next += count;
  return freePorts(count, wanted);
};
