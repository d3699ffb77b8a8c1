import { faultsOf } from '@scenefi/http';
import { OffsetTime } from '@scenefi/kernel';
import { z } from 'zod';
import { ingressErrors } from './errors.ts';

type Contract = { readonly type: string; readonly title: string; readonly schema: z.ZodType };

/** The whole body of each kind, prepared once; one check names every fault with its path from the top. */
export const bodiesOf = <Own extends Contract>(contracts: readonly Own[]) =>
  contracts.map((contract) => ({
    contract,
    body: z.object({ type: z.literal(contract.type), timestamp: OffsetTime, data: contract.schema }).meta({ title: contract.title }),
  }));

const Typed = z.object({ type: z.string() });

/** Reads a body by the contract of its type; throws INGRESS_UNKNOWN_TYPE or INGRESS_BROKEN_CONTRACT (400), which name no value. */
export const readerOf = <Own extends Contract>(bodies: ReturnType<typeof bodiesOf<Own>>, catalogue: string) => {
  const byType = new Map<string, (typeof bodies)[number]>(bodies.map((known) => [known.contract.type, known]));
  return (value: unknown): { contract: Own; data: unknown } => {
    const typed = Typed.safeParse(value);
    if (!typed.success) throw ingressErrors.BROKEN_CONTRACT({ errors: faultsOf(typed.error.issues) });
    const known = byType.get(typed.data.type);
    if (!known) throw ingressErrors.UNKNOWN_TYPE({ errors: [{ path: 'type', message: `is not in the catalogue of ${catalogue}` }] });
    const checked = known.body.safeParse(value);
    if (!checked.success) throw ingressErrors.BROKEN_CONTRACT({ errors: faultsOf(checked.error.issues) });
    return { contract: known.contract, data: checked.data.data };
  };
};
