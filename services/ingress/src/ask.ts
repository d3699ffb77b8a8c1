import { type QuestionContract, questions } from '@scenefi/contracts';
import { faultsOf, type InternalCalls, type PartnerTable } from '@scenefi/http';
import { OffsetTime } from '@scenefi/kernel';
import { z } from 'zod';
import type { Gate, Webhook } from './admit.ts';
import { ingressErrors } from './errors.ts';

/** The whole body of each question, prepared once. */
export const questionBodies = questions.map((contract) => ({
  contract,
  body: z.object({ type: z.literal(contract.type), timestamp: OffsetTime, data: contract.data }).meta({ title: contract.title }),
}));
const bodiesByType = new Map<unknown, (typeof questionBodies)[number]>(
  questionBodies.map((question) => [question.contract.type, question]),
);

const Typed = z.object({ type: z.string() });

const checkBody = (value: unknown): { contract: QuestionContract; data: unknown } => {
  const typed = Typed.safeParse(value);
  if (!typed.success) throw ingressErrors.BROKEN_CONTRACT({ errors: faultsOf(typed.error.issues) });
  const question = bodiesByType.get(typed.data.type);
  if (!question) throw ingressErrors.UNKNOWN_TYPE({ errors: [{ path: 'type', message: 'is not in the catalogue of questions' }] });
  const checked = question.body.safeParse(value);
  if (!checked.success) throw ingressErrors.BROKEN_CONTRACT({ errors: faultsOf(checked.error.issues) });
  return { contract: question.contract, data: checked.data.data };
};

type AskOptions = { gate: Gate; partners: PartnerTable; scenes: Readonly<Record<string, InternalCalls>> };

/**
 * Passes a partner's question on to the scene that owns what it is about, and gives its answer back. The same webhook-id
 * is the same question, so one whose answer was lost may be asked again. Throws an AppError, or an Outage where the scene is away.
 */
export const createAsk =
  ({ gate, partners, scenes }: AskOptions) =>
  async (webhook: Webhook): Promise<unknown> => {
    const { partnerId, id: requestId } = webhook;
    const { contract, data } = checkBody(gate(webhook));
    const scene = scenes[contract.scene];
    if (!scene || !partners.mayServe(partnerId, contract.scene)) throw ingressErrors.SCENE_NOT_ALLOWED({ partnerId });
    const body = { partnerId, requestId, type: contract.type, data };
    return scene({ method: 'POST', path: '/internal/questions', body, answer: contract.answer });
  };
