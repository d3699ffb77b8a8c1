import { parentPort } from 'node:worker_threads';
import { runSeeds, type Stretch } from './seeds.ts';

parentPort!.on('message', async (stretch: Stretch) => parentPort!.postMessage(await runSeeds(stretch)));
