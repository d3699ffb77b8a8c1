import { questions } from '@scenefi/contracts';
import type { InternalCalls, PartnerTable } from '@scenefi/http';
import type { Gate, Webhook } from './admit.ts';
import { bodiesOf, readerOf } from './bodies.ts';
import { ingressErrors } from './errors.ts';

export const questionBodies = bodiesOf(questions);
const readQuestion = readerOf(questionBodies, 'questions');

type AskOptions = { gate: Gate; partners: PartnerTable; scenes: Readonly<Record<string, InternalCalls>> };

/**
 * Passes a partner's question on to the scene that owns what it is about, and gives its answer back. The same webhook-id
 * is the same question, so one whose answer was lost may be asked again. Throws an AppError, or an Outage where the scene is away.
 */
export const createAsk =
  ({ gate, partners, scenes }: AskOptions) =>
  async (webhook: Webhook): Promise<unknown> => {
    const { partnerId, id: requestId } = webhook;
    const { contract, data } = readQuestion(gate(webhook));
    const scene = scenes[contract.scene];
    if (!scene || !partners.mayServe(partnerId, contract.scene)) throw ingressErrors.SCENE_NOT_ALLOWED({ partnerId });
    const body = { partnerId, requestId, type: contract.type, data };
    return scene({ method: 'POST', path: '/internal/questions', body, answer: contract.answer });
  };
