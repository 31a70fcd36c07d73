/**
 * @module fisher/form-error/shared
 *
 * Sums of a product at several positions. Scores S_k = Σ_r g_kr ā_rᵀ [out, in] are formed for the examples of a tile, or for one example:
 * once to sum the factors, again for
 *
 *   T_x(G, A) = Σ_k ⟨S_k, G S_k A⟩ = ⟨M, G⟩ = ⟨N, A⟩      M = Σ_k S_k A S_kᵀ, N = Σ_k S_kᵀ G S_k
 *
 * so that the factors of each group enter by inner products only. K·out·in(R + 6(in + out)) operations an example and the tiles' m²K²·out·in.
 * Memory: B(in² + out²) numbers for each way of sharing.
 */
import { multiply } from '../../linalg/index.js';
import type { Sharing } from '../../scores/index.js';
import { added, LARGEST_BASIS, scaleSums } from './bases.js';
import type { ProductFactors } from './factors.js';
import type { ProductPart } from './parts.js';
import { blockFits } from './forms.js';
import {
  addInner,
  type Asked,
  atLeast,
  emptyCross,
  entriesOf,
  type FactorSums,
  type Kept,
  SharedKronecker,
  type TilePart,
} from './kept.js';
import { dot, type Grouping, PairSums } from './pair-sums.js';
import { addDiagonal, diagonalSums } from './rows.js';
import { rowsOf, squaresOfColumns } from './tiles.js';

/** Sums of a product at several positions. */
export function sharedPart(
  factors: ProductFactors,
  K: number,
  groups: Grouping,
  { forms, certain }: Asked,
): TilePart {
  const { part } = factors;
  const { inputs, outputs, diagonalInputs } = part;
  const unit = new PairSums(groups);
  const example = exampleOf(factors, K);
  /** Scores of some examples [out, examples·K, in]. */
  const byNeuron = (from: number, count: number): Float64Array => {
    const all = new Float64Array(outputs * count * K * inputs);
    for (let e = 0; e < count; e++) {
      const S = example(from + e).scores;
      for (let k = 0; k < K; k++)
        for (let o = 0; o < outputs; o++)
          all.set(rowsOf(S, inputs, k * outputs + o, 1), (o * count * K + e * K + k) * inputs);
    }
    return all;
  };
  return {
    part,
    tile(t) {
      const { row, rows, column, columns } = t;
      const left = byNeuron(row, rows);
      const right = row === column ? left : byNeuron(column, columns);
      const sum = new Float64Array(rows * K * columns * K);
      const squares = new Float64Array(rows * columns);
      for (let o = 0; o < outputs; o++) {
        const [a, b] = [rowsOf(left, rows * K * inputs, o, 1), rowsOf(right, columns * K * inputs, o, 1)];
        const v = multiply(a, b, rows * K, inputs, columns * K, { transposeB: true });
        for (let i = 0; i < v.length; i++) sum[i] += v[i];
        squaresOfColumns(v, rows, columns, K).forEach((s, i) => (squares[i] += s));
      }
      unit.addTile(squares, t);
      return sum;
    },
    finish() {
      const fits = groups.count * ((diagonalInputs ? inputs : inputs ** 2) + outputs ** 2) <= MOST_NUMBERS;
      const product = (asked: boolean, sharing: Sharing) =>
        fits && asked ? kroneckerOf(factors, factorSums(factors, K, groups, sharing), K, groups) : null;
      const turns =
        fits && forms.has('ekfac') && Math.max(diagonalInputs ? 1 : inputs, outputs) <= LARGEST_BASIS;
      const expand = product(forms.has('kfac') || forms.has('ekfac'), 'expand');
      const diagonal =
        forms.has('diagonal') || diagonalInputs || !blockFits({ size: inputs * outputs })
          ? entriesOf(diagonalOf(factors, K, groups))
          : null;
      return {
        diagonal,
        unit: diagonalInputs ? diagonal : entriesOf(unit),
        expand,
        reduce: diagonalInputs ? diagonal : product(forms.has('kfac-reduce'), 'reduce'),
        ekfac: turns && expand ? atLeast(entriesOf(ekfacOf(factors, K, groups, certain)), expand) : null,
      };
    },
  };
}

/** Most numbers of the factors of all groups. */
const MOST_NUMBERS = 2 ** 26;

/** One example. */
interface Example {
  /** ā [R, in] */
  readonly x: Float64Array;
  /** g [K·out, R] */
  readonly g: Float64Array;
  /** S [K·out, in] */
  readonly scores: Float64Array;
}

function exampleOf({ part, x, g }: ProductFactors, K: number): (e: number) => Example {
  const { positions: R, inputs, outputs } = part;
  return (e) => {
    const [own, gradients] = [rowsOf(x, R * inputs, e, 1), rowsOf(g, K * outputs * R, e, 1)];
    return { x: own, g: gradients, scores: multiply(gradients, own, K * outputs, R, inputs) };
  };
}

/** A_x [in, in] and G_x [out, out] of an example. */
function factorsOf({ x, g }: Example, { part }: ProductFactors, K: number, sharing: Sharing) {
  const { positions: R, inputs, outputs } = part;
  if (sharing === 'reduce') {
    const mean = new Float64Array(inputs);
    x.forEach((v, i) => (mean[i % inputs] += v / R));
    const whole = new Float64Array(K * outputs);
    g.forEach((v, i) => (whole[Math.floor(i / R)] += v));
    return {
      A: multiply(mean, mean, inputs, 1, inputs),
      G: multiply(whole, whole, outputs, K, outputs, { transposeA: true }),
    };
  }
  const A = part.diagonalInputs
    ? columnSquares(x, inputs)
    : multiply(x, x, inputs, R, inputs, { transposeA: true });
  for (let i = 0; i < A.length; i++) A[i] /= R;
  const G = new Float64Array(outputs * outputs);
  for (let k = 0; k < K; k++) {
    const own = rowsOf(g, outputs * R, k, 1);
    multiply(own, own, outputs, R, outputs, { transposeB: true }).forEach((v, i) => (G[i] += v));
  }
  return { A, G };
}

/** Σ_r x_ri² [in]: the diagonal of xᵀx, which it is of unit vectors. */
function columnSquares(x: Float64Array, inputs: number): Float64Array {
  const out = new Float64Array(inputs);
  x.forEach((v, i) => (out[i % inputs] += v * v));
  return out;
}

/** Sums of both factors by group, by one way of sharing. */
function factorSums(of: ProductFactors, K: number, groups: Grouping, sharing: Sharing): SharedFactors {
  const { inputs, outputs, diagonalInputs } = of.part;
  const { count: B } = groups;
  const example = exampleOf(of, K);
  const zeros = (size: number) => Array.from({ length: B }, () => new Float64Array(size));
  const sums = {
    ...{ sharing, diagonalInputs },
    A: zeros(diagonalInputs ? inputs : inputs ** 2),
    G: zeros(outputs ** 2),
    ownA: new Float64Array(B),
    ownG: new Float64Array(B),
  };
  groups.of.forEach((group, e) => {
    const { A, G } = factorsOf(example(e), of, K, sharing);
    A.forEach((v, i) => (sums.A[group][i] += v));
    G.forEach((v, i) => (sums.G[group][i] += v));
    sums.ownA[group] += dot(A, A);
    sums.ownG[group] += dot(G, G);
  });
  return sums;
}

/** Sums of factors, and how positions make them. */
interface SharedFactors extends FactorSums {
  readonly diagonalInputs: boolean;
  readonly sharing: Sharing;
}

/** The Kronecker product of factors. */
function kroneckerOf(of: ProductFactors, factors: SharedFactors, K: number, groups: Grouping): Kept {
  const example = exampleOf(of, K);
  const [allA, allG] = [added(factors.A), added(factors.G)];
  const cross = emptyCross(groups.count);
  groups.of.forEach((group, e) => {
    const own = example(e);
    const { A, G } = factorsOf(own, of, K, factors.sharing);
    const M = throughInputs(own.scores, allA, K, of.part);
    const N = throughOutputs(own.scores, allG, K, of.part);
    const ownM = throughInputs(own.scores, A, K, of.part);
    const ownN = throughOutputs(own.scores, G, K, of.part);
    cross.whole[group] += dot(M, allG);
    addInner(cross.partG, group, M, factors.G);
    addInner(cross.partA, group, N, factors.A);
    cross.ownG[group] += dot(M, G);
    addInner(cross.ownGPart, group, ownN, factors.A);
    cross.ownA[group] += dot(N, A);
    addInner(cross.ownAPart, group, ownM, factors.G);
    cross.own[group] += dot(ownM, G);
  });
  return new SharedKronecker(groups, factors, cross);
}

type Sizes = Pick<ProductPart, 'inputs' | 'outputs' | 'diagonalInputs'>;

/** S diag(d). */
const scaledColumns = (S: Float64Array, d: Float64Array): Float64Array =>
  S.map((v, i) => v * d[i % d.length]);

/** Σ_k S_k A S_kᵀ [out, out]. */
function throughInputs(
  S: Float64Array,
  A: Float64Array,
  K: number,
  { inputs, outputs, diagonalInputs }: Sizes,
): Float64Array {
  const SA = diagonalInputs ? scaledColumns(S, A) : multiply(S, A, K * outputs, inputs, inputs);
  const sum = new Float64Array(outputs ** 2);
  for (let k = 0; k < K; k++) {
    const [left, right] = [rowsOf(SA, outputs * inputs, k, 1), rowsOf(S, outputs * inputs, k, 1)];
    multiply(left, right, outputs, inputs, outputs, { transposeB: true }).forEach((v, i) => (sum[i] += v));
  }
  return sum;
}

/** Σ_k S_kᵀ G S_k [in, in]; where A is a diagonal, its diagonal [in]. */
function throughOutputs(
  S: Float64Array,
  G: Float64Array,
  K: number,
  { inputs, outputs, diagonalInputs }: Sizes,
): Float64Array {
  const GS = new Float64Array(S.length);
  for (let k = 0; k < K; k++)
    GS.set(multiply(G, rowsOf(S, outputs * inputs, k, 1), outputs, outputs, inputs), k * outputs * inputs);
  if (diagonalInputs) {
    const out = new Float64Array(inputs);
    S.forEach((v, i) => (out[i % inputs] += v * GS[i]));
    return out;
  }
  return multiply(S, GS, inputs, K * outputs, inputs, { transposeA: true });
}

/** Diagonals of the scores as they are. */
function diagonalOf(of: ProductFactors, K: number, groups: Grouping): PairSums {
  const example = exampleOf(of, K);
  return diagonalSums(groups, (e) => example(e).scores, of.part.inputs * of.part.outputs);
}

/** Diagonals of the scores in the eigenbases of the factors, U_Gᵀ S_k U_A. */
function ekfacOf(of: ProductFactors, K: number, groups: Grouping, certain: boolean): PairSums {
  const { inputs, outputs } = of.part;
  const size = inputs * outputs;
  const example = exampleOf(of, K);
  const members = Array.from({ length: groups.count }, (): number[] => []);
  groups.of.forEach((group, e) => members[group].push(e));
  return scaleSums(groups, factorSums(of, K, groups, 'expand'), certain, (group, basis) => {
    const sum = new Float64Array(size);
    const own = new Float64Array(1);
    for (const e of members[group]) {
      const { scores } = example(e);
      const turned = basis.A ? multiply(scores, basis.A, K * outputs, inputs, inputs) : scores;
      const both = new Float64Array(turned.length);
      for (let k = 0; k < K; k++) {
        const S = rowsOf(turned, size, k, 1);
        both.set(multiply(basis.G, S, outputs, outputs, inputs, { transposeA: true }), k * size);
      }
      addDiagonal(both, sum, own, 0);
    }
    return { sum, own: own[0] };
  });
}
