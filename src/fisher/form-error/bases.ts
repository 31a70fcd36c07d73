/**
 * @module fisher/form-error/bases
 *
 * Eigenbases of EKFAC that know nothing of the examples that they are judged on. Scales in a basis that was made of the same examples are too
 * large: with 100 examples ε came out .12 to .16 too small on small networks, and negative squares on a near-certain one. So the groups of
 * examples are in F folds, and the product of the scales of two folds is taken in the eigenbasis of the factors of the other F − 2 (of
 * F − 1, where it is one fold with itself): F(F + 1)/2 bases. A basis of some hundred examples makes ε a little
 * larger than that of all would; never larger than that of the product itself, of which it is the best in that basis (form-error/kept). Where the examples are the whole population the basis is theirs.
 */
import { symmetricEigen } from '../../linalg/index.js';
import { dot, type Grouping, PairSums } from './pair-sums.js';

/** Largest factor of which eigenvectors are taken, and the largest with many folds: 8n³ operations each. */
export const LARGEST_BASIS = 1024;
const MANY_FOLDS = 256;

/** Eigenvectors of A and G, in columns; null: unit vectors, of an A that is a diagonal. */
export interface Basis {
  readonly A: Float64Array | null;
  readonly G: Float64Array;
}

/** Sums of the factors over the examples of each group; of an A that is a diagonal, `diagonalInputs`, those numbers [in]. */
export interface GroupFactors {
  readonly A: readonly Float64Array[];
  readonly G: readonly Float64Array[];
  readonly diagonalInputs: boolean;
}

/** The sum over the examples of a group of their scales in a basis, and that of the squares of the scales. */
export type ScalesOf = (group: number, basis: Basis) => { readonly sum: Float64Array; readonly own: number };

/** ⟨d, d'⟩ of pairs of examples, d the scales, each in a basis of others; `certain`: in that of all. */
export function scaleSums(
  groups: Grouping,
  { A, G, diagonalInputs }: GroupFactors,
  certain: boolean,
  scalesOf: ScalesOf,
): PairSums {
  const { count: B } = groups;
  const widest = Math.sqrt(Math.max(diagonalInputs ? 1 : A[0].length, G[0].length));
  const folds = certain || B < 3 ? 1 : Math.min(B, widest <= MANY_FOLDS ? 5 : 3);
  const foldOf = (g: number) => Math.floor((g * folds) / B);
  const out = new PairSums(groups);
  for (let a = 0; a < folds; a++)
    for (let c = 0; c <= a; c++) {
      const left = (g: number) => folds === 1 || (foldOf(g) !== a && foldOf(g) !== c);
      const own = (of: readonly Float64Array[]) => vectorsOf(of.filter((_, g) => left(g)));
      const basis = { A: diagonalInputs ? null : own(A), G: own(G) };
      const inside = A.map((_, g) => g).filter((g) => foldOf(g) === a || foldOf(g) === c);
      addPairs(
        out,
        inside.map((g) => ({ g, fold: foldOf(g), ...scalesOf(g, basis) })),
        a,
        c,
      );
    }
  return out;
}

interface GroupScales {
  readonly g: number;
  readonly fold: number;
  readonly sum: Float64Array;
  readonly own: number;
}

/** Pairs of a group of fold a and one of fold c. */
function addPairs(out: PairSums, scales: readonly GroupScales[], a: number, c: number): void {
  const { count: B } = out.groups;
  for (const x of scales) {
    if (a === c) out.own[x.g] = x.own;
    for (const y of scales)
      if (x.fold + y.fold === a + c && (a === c || x.fold !== y.fold))
        out.pairs[x.g * B + y.g] = dot(x.sum, y.sum);
  }
}

/** Sums of matrices [n, n]. */
export function added(parts: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(parts[0].length);
  for (const p of parts) for (let i = 0; i < sum.length; i++) sum[i] += p[i];
  return sum;
}

const vectorsOf = (parts: readonly Float64Array[]): Float64Array =>
  symmetricEigen(added(parts), Math.sqrt(parts[0].length)).vectors;
