/**
 * @module fisher/form-error/one-position
 *
 * Pairs of examples of a product at one position, from inner products alone: ⟨s_k, s'_k'⟩ = (ā·ā')⟨g_k, g'_k'⟩. With q = Σ_k g_k² entry by
 * entry, ⟨d, d'⟩ = ⟨q, q'⟩⟨a², a'²⟩ of the diagonals and (ā·ā')²⟨q, q'⟩ of the blocks of one neuron each. m²(in + K²out) operations. Scales
 * of EKFAC are summed by group, qᵀa² of q and a in its basis: m(in² + K·out² + in·out) operations a basis (form-error/bases).
 */
import { multiply } from '../../linalg/index.js';
import { type Basis, LARGEST_BASIS, scaleSums } from './bases.js';
import type { ProductFactors } from './factors.js';
import { type Asked, atLeast, entriesOf, OnePositionKronecker, type TilePart } from './kept.js';
import { dot, type Grouping, PairSums } from './pair-sums.js';
import { rowsOf, squaresOfColumns, type Tile } from './tiles.js';

/** Sums of a product at one position. */
export function onePosition(of: ProductFactors, K: number, groups: Grouping, asked: Asked): TilePart {
  const { part, x, g } = of;
  const { inputs, outputs } = part;
  const x2 = squares(x);
  const q = columnSums(squares(g), K, outputs);
  const diagonal = new PairSums(groups);
  const unit = new PairSums(groups);
  const kronecker = new OnePositionKronecker(groups);
  const inner = (a: Float64Array, width: number, t: Tile) => {
    const [left, right] = [rowsOf(a, width, t.row, t.rows), rowsOf(a, width, t.column, t.columns)];
    return multiply(left, right, t.rows, width, t.columns, { transposeB: true });
  };
  const columns = (t: Tile): Tile => ({
    row: t.row * K,
    rows: t.rows * K,
    column: t.column * K,
    columns: t.columns * K,
  });
  return {
    part,
    tile(t) {
      const xx = inner(x, inputs, t);
      const gg = inner(g, outputs, columns(t));
      const alpha = squares(xx);
      const qq = inner(q, outputs, t);
      kronecker.addTile(alpha, squaresOfColumns(gg, t.rows, t.columns, K), t);
      unit.addTile(times(alpha, qq), t);
      diagonal.addTile(times(qq, inner(x2, inputs, t)), t);
      scaleColumns(gg, xx, t, K);
      return gg;
    },
    finish: () => {
      const scales = asked.forms.has('ekfac') ? ekfacOf(of, K, groups, asked.certain) : null;
      return {
        diagonal: entriesOf(diagonal),
        unit: entriesOf(part.diagonalInputs ? diagonal : unit),
        expand: kronecker,
        reduce: kronecker,
        ekfac: scales && atLeast(scales, kronecker),
      };
    },
  };
}

const squares = (a: Float64Array): Float64Array => a.map((v) => v * v);

const times = (a: Float64Array, b: Float64Array): Float64Array => a.map((v, i) => v * b[i]);

/** Σ_k over the columns of [m, K, width]. */
function columnSums(a: Float64Array, K: number, width: number): Float64Array {
  const out = new Float64Array(a.length / K);
  for (let j = 0; j < a.length / width; j++) {
    const to = Math.floor(j / K) * width;
    for (let o = 0; o < width; o++) out[to + o] += a[j * width + o];
  }
  return out;
}

/** EKFAC; null where the factors are too large. */
function ekfacOf({ part, x, g }: ProductFactors, K: number, groups: Grouping, certain: boolean) {
  const { inputs, outputs, diagonalInputs } = part;
  if (Math.max(diagonalInputs ? 1 : inputs, outputs) > LARGEST_BASIS) return null;
  const starts = startsOf(groups);
  const own = (a: Float64Array, width: number, group: number) =>
    rowsOf(a, width, starts[group], groups.sizes[group]);
  const square = (a: Float64Array, width: number) =>
    multiply(a, a, width, a.length / width, width, { transposeA: true });
  const each = (width: number, of: (group: number) => Float64Array) =>
    starts.map((_, group) => square(of(group), width));
  const factors = {
    A: diagonalInputs
      ? starts.map(() => new Float64Array(0))
      : each(inputs, (group) => own(x, inputs, group)),
    G: each(outputs, (group) => own(g, K * outputs, group)),
    diagonalInputs,
  };
  const sums = scaleSums(groups, factors, certain, (group, basis: Basis) => {
    const n = groups.sizes[group];
    const a = own(x, inputs, group);
    const a2 = squares(basis.A ? multiply(a, basis.A, n, inputs, inputs) : a);
    const turned = squares(multiply(own(g, K * outputs, group), basis.G, n * K, outputs, outputs));
    const q = columnSums(turned, K, outputs);
    let squaresOfOwn = 0;
    for (let e = 0; e < n; e++) {
      const [qe, ae] = [rowsOf(q, outputs, e, 1), rowsOf(a2, inputs, e, 1)];
      squaresOfOwn += dot(qe, qe) * dot(ae, ae);
    }
    return { sum: multiply(q, a2, outputs, n, inputs, { transposeA: true }), own: squaresOfOwn };
  });
  return entriesOf(sums);
}

/** First example of each group. */
const startsOf = ({ sizes }: Grouping): number[] => {
  let at = 0;
  return Array.from(sizes, (n) => (at += n) - n);
};

/** ⟨s_k, s'_k'⟩ of ⟨g_k, g'_k'⟩ [rows·K, columns·K] and ā·ā' [rows, columns], in place. */
function scaleColumns(gg: Float64Array, xx: Float64Array, { rows, columns }: Tile, K: number): void {
  let at = 0;
  for (let i = 0; i < rows * K; i++)
    for (let j = 0; j < columns; j++) {
      const factor = xx[Math.floor(i / K) * columns + j];
      for (let k = 0; k < K; k++) gg[at++] *= factor;
    }
}
