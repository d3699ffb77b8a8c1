import { defineErrors } from '@scenefi/kernel';

export const ledgerErrors = defineErrors('LEDGER', {
  ENTRY_DIFFERS: { status: 409, retryable: false, title: 'An entry with this id stands in the ledger with other legs' },
});
