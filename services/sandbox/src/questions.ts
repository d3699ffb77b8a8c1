import { BillLeaseQuestion } from '@scenefi/contracts';
import { type Clock, instantOf, type Random, shanghaiTime } from '@scenefi/kernel';
import type { Partner } from './partners.ts';
import { type Answer, createPatience, jsonIn } from './patient-requests.ts';
import { createSigning } from './signed-requests.ts';

/** What a school asks and is answered at once; the same webhook-id is the same question. */
type Question = { partnerId: string; webhookId: string; type: string; data: object };

type QuestionsOptions = {
  urls: readonly string[];
  partners: readonly Partner[];
  clock: Clock;
  random: Random;
  requestTimeoutMs: number;
  deadlineMs: number;
};

/** The lease that a cashier was given; undefined where the answer is none. */
export const leaseIdIn = (answer: Answer): string | undefined => BillLeaseQuestion.answer.safeParse(jsonIn(answer)).data?.leaseId;

/** Asks until it is answered, whatever the answer is. */
export const createQuestions = (options: QuestionsOptions) => {
  const ask = createPatience(options);
  const sign = createSigning(options);
  return ({ partnerId, webhookId, type, data }: Question): Promise<Answer> => {
    const body = JSON.stringify({ type, timestamp: shanghaiTime(instantOf(options.clock.now())), data });
    return ask(() => sign({ to: 'questions', sender: partnerId, partnerId, webhookId, body }));
  };
};

export type AskQuestion = ReturnType<typeof createQuestions>;
