import type { BillItem } from '@scenefi/contracts';
import type { SeededRandom } from './seeded-random.ts';

/** What a school asks of one family; all of it is made up. */
export type InventedBill = {
  studentNo: string;
  holderName: string;
  className: string;
  title: string;
  items: BillItem[];
  selection: 'fixed' | 'choice';
};

type Fee = { name: string; yuanMin: number; yuanMax: number; quantityMax: number };

const termFees: readonly Fee[] = [
  { name: '学费', yuanMin: 1_800, yuanMax: 9_800, quantityMax: 1 },
  { name: '住宿费', yuanMin: 400, yuanMax: 1_200, quantityMax: 1 },
  { name: '教材费', yuanMin: 80, yuanMax: 460, quantityMax: 1 },
  { name: '课后服务费', yuanMin: 200, yuanMax: 900, quantityMax: 1 },
  { name: '校车费', yuanMin: 300, yuanMax: 1_500, quantityMax: 1 },
];

const choiceFees: readonly Fee[] = [
  { name: '夏季校服', yuanMin: 85, yuanMax: 160, quantityMax: 4 },
  { name: '冬季校服', yuanMin: 150, yuanMax: 280, quantityMax: 3 },
  { name: '午餐费(月)', yuanMin: 180, yuanMax: 420, quantityMax: 5 },
  { name: '牛奶费(月)', yuanMin: 45, yuanMax: 90, quantityMax: 5 },
  { name: '校园卡', yuanMin: 15, yuanMax: 30, quantityMax: 1 },
  { name: '研学活动费', yuanMin: 120, yuanMax: 680, quantityMax: 2 },
];

const surnames = ['王', '李', '张', '刘', '陈', '杨', '赵', '黄', '周', '吴', '欧阳', '诸葛'];
const givenNames = ['小明', '雨桐', '子轩', '欣怡', '浩然', '梓涵', '磊', '静', '思远', '若曦', '一诺', '嘉怡'];
const terms = ['2026-2027学年第一学期', '2026-2027学年第二学期'];
const grades = ['一年级', '二年级', '三年级', '七年级', '八年级', '高一', '高二'];

const itemOf = (random: SeededRandom, fee: Fee, index: number, mandatory: boolean): BillItem => ({
  itemNo: `F${index + 1}`,
  name: fee.name,
  amountFen: random.between(fee.yuanMin, fee.yuanMax) * 100 + random.pick([0, 0, 50, 80]),
  mandatory,
  quantityMax: fee.quantityMax,
});

/** Of a choice the first item is mandatory and at least one more can be chosen. */
export const inventBill = (random: SeededRandom, selection: 'fixed' | 'choice'): InventedBill => {
  const fees = random.shuffled(selection === 'fixed' ? termFees : choiceFees).slice(0, selection === 'fixed' ? random.between(1, 4) : 3);
  const items = fees.map((fee, index) => itemOf(random, fee, index, selection === 'fixed' || index === 0));
  return {
    studentNo: `S${random.between(2021, 2026)}${String(random.between(1, 9_999)).padStart(4, '0')}`,
    holderName: random.pick(surnames) + random.pick(givenNames),
    className: `${random.pick(grades)}${random.between(1, 12)}班`,
    title: `${random.pick(terms)}${fees[0]!.name}${fees.length > 1 ? '等' : ''}`,
    items,
    selection,
  };
};
