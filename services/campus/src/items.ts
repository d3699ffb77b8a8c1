import type { BillItem, ChosenItem } from '@scenefi/contracts';
import { AmountFen, sumFen } from '@scenefi/kernel';
import type { ReportedPayment, Terms } from './bill-state.ts';
import { campusErrors } from './errors.ts';

type Selection = Terms['selection'];

/** What is owed: of a fixed bill every item once, of a choice the least that can be paid. 0 where nothing costs anything. */
export const owedFen = (items: readonly BillItem[], selection: Selection): number => {
  const due = selection === 'fixed' ? items : items.filter(({ mandatory }) => mandatory);
  const owed = sumFen(due.map(({ amountFen }) => amountFen));
  if (owed > 0 || selection === 'fixed') return owed;
  return items.reduce((least, { amountFen }) => (amountFen > 0 && (least === 0 || amountFen < least) ? amountFen : least), 0);
};

/** The price of a choice, or undefined where it breaks a rule: unknown or repeated items, too many of one, a mandatory one left out. */
const priceOfChoice = (items: readonly BillItem[], chosen: readonly ChosenItem[]): number | undefined => {
  const quantities = new Map(chosen.map(({ itemNo, quantity }) => [itemNo, quantity]));
  const known = new Set(items.map(({ itemNo }) => itemNo));
  if (quantities.size !== chosen.length || chosen.some(({ itemNo }) => !known.has(itemNo))) return undefined;
  let price = 0;
  for (const { itemNo, amountFen, mandatory, quantityMax } of items) {
    const quantity = quantities.get(itemNo) ?? 0;
    if ((mandatory && quantity === 0) || quantity > quantityMax) return undefined;
    price += amountFen * quantity;
  }
  return price;
};

/** The price of a fixed bill, or undefined where items are named and they are not every item once. */
const priceOfFixed = (items: readonly BillItem[], chosen: readonly ChosenItem[] | undefined): number | undefined => {
  const once = items.map((item) => ({ ...item, mandatory: true, quantityMax: 1 }));
  return chosen ? priceOfChoice(once, chosen) : owedFen(items, 'fixed');
};

/** What this bill asks for the chosen items, computed here and never believed; undefined where they may not be paid so. */
export const priceFen = (
  items: readonly BillItem[],
  selection: Selection,
  chosen: readonly ChosenItem[] | undefined,
): number | undefined => {
  const price = selection === 'fixed' ? priceOfFixed(items, chosen) : priceOfChoice(items, chosen ?? []);
  return price === 0 ? undefined : price;
};

/** Whether a payment is exactly what this bill asks for. */
export const paysExactly = (items: readonly BillItem[], selection: Selection, payment: ReportedPayment): boolean =>
  priceFen(items, selection, payment.items) === payment.amountFen;

/** What contracts cannot carry is refused here, since a fact that breaks its contract would wait for a repair for ever. */
export const checkAmount = (billNo: string, amountFen: number): void => {
  if (!AmountFen.safeParse(amountFen).success) throw campusErrors.AMOUNT_TOO_LARGE({ billNo });
};

export const checkOwed = (billNo: string, items: Terms['items'], selection: Terms['selection']): void => {
  const owed = owedFen(items, selection);
  if (owed === 0) throw campusErrors.NOTHING_TO_PAY({ billNo });
  checkAmount(billNo, owed);
};
