import type { FastifyInstance } from 'fastify';
import { httpErrors } from './errors.ts';
import { operationsPaths } from './health.ts';
import { sendProblem } from './problems.ts';

/**
 * Puts off what comes while `requestsMax` requests are under way (503), so that a flood costs neither memory nor the answers to those
 * who came before it. Counted from the whole body on: who trickles one takes no place. Operators are always answered.
 */
export const limitCrowd = (app: FastifyInstance, requestsMax: number): void => {
  let underWay = 0;
  app.addHook('preValidation', (request, reply, done) => {
    if (operationsPaths.has(request.routeOptions.url ?? '')) return done();
    if (underWay >= requestsMax) {
      // Past the handler of errors, which tells people about each one: in a flood that would cost more than the answer.
      const overloaded = httpErrors.OVERLOADED();
      request.problemCode = overloaded.code;
      return void sendProblem(reply, overloaded);
    }
    underWay += 1;
    // Also where the caller has gone: not every request is answered, but every one is closed.
    reply.raw.once('close', () => {
      underWay -= 1;
    });
    done();
  });
};
