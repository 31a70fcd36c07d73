import { describe, expect, it } from 'vitest';
import { Sequence } from '../../core/random.js';
import type { ProductPart } from './parts.js';
import type { ProductFactors } from './factors.js';
import { onePosition } from './one-position.js';
import { groupsInOrder } from './pair-sums.js';
import { sharedPart } from './shared.js';
import type { TilePart } from './kept.js';

const [K, inputs, outputs] = [2, 3, 2];
const ASKED = { forms: new Set(['kfac', 'kfac-reduce'] as const), certain: false };

/** Random factors of m examples at R positions. */
function randomFactors(m: number, R: number): ProductFactors {
  const rng = new Sequence(5, `factors ${R}`);
  const part: ProductPart = {
    kind: 'product',
    weight: 'W',
    bias: null,
    group: 0,
    groups: 1,
    positions: R,
    inputs,
    outputs,
    diagonalInputs: false,
  };
  const numbers = (size: number) => Float64Array.from({ length: size }, () => 0.5 + rng.normal());
  return { part, x: numbers(m * R * inputs), g: numbers(m * K * outputs * R) };
}

/** Those of the examples that `taken` says. */
function some({ part, x, g }: ProductFactors, taken: readonly number[]): ProductFactors {
  const rows = (a: Float64Array, width: number) =>
    Float64Array.from(taken.flatMap((e) => [...a.subarray(e * width, (e + 1) * width)]));
  const { positions: R } = part;
  return { part, x: rows(x, R * inputs), g: rows(g, K * outputs * R) };
}

const MAKERS = { one: onePosition, shared: sharedPart };

function through(of: ProductFactors, m: number, maker: keyof typeof MAKERS): TilePart {
  const part = MAKERS[maker](of, K, groupsInOrder(m, 20), ASKED);
  part.tile({ row: 0, rows: m, column: 0, columns: m });
  return part;
}

const without = (m: number, g: number): number[] =>
  Array.from({ length: m }, (_, e) => e).filter((e) => Math.floor((e * 20) / m) !== g);

describe('what a product keeps without a group', () => {
  const m = 60;

  it.each(['expand', 'reduce'] as const)('at one position, %s: that of the other examples', (sharing) => {
    const of = randomFactors(m, 1);
    const whole = through(of, m, 'one').finish()[sharing]!;
    for (const g of [0, 7, 19]) {
      const rest = without(m, g);
      const want = through(some(of, rest), rest.length, 'one').finish()[sharing]!.kept(-1, 0);
      expect(whole.kept(g, 0)).toBeCloseTo(want, 9);
    }
  });

  it('at one position: the same by either way', () => {
    const of = randomFactors(m, 1);
    const [one, other] = (['one', 'shared'] as const).map((maker) => through(of, m, maker).finish());
    for (const rho of [0, 0.01, 1 / m])
      for (const sharing of ['expand', 'reduce'] as const)
        expect(other[sharing]!.kept(-1, rho)).toBeCloseTo(one[sharing]!.kept(-1, rho), 9);
  });

  it.each(['expand', 'reduce'] as const)('at three positions, %s: to first order in the group', (sharing) => {
    const of = randomFactors(m, 3);
    const whole = through(of, m, 'shared').finish()[sharing]!;
    const all = whole.kept(-1, 0);
    for (const g of [0, 7, 19]) {
      const rest = without(m, g);
      const want = through(some(of, rest), rest.length, 'shared').finish()[sharing]!.kept(-1, 0);
      // The change that a jackknife is made of, to a few per cent.
      expect(Math.abs(whole.kept(g, 0) - want)).toBeLessThan(0.02 * Math.abs(all - want) + 1e-3 * all);
    }
  });
});
