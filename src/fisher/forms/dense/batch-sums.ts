/**
 * @module fisher/forms/dense/batch-sums
 *
 * Sums over some examples of all that a dense matrix and its errors are made of, a tile of elements (i, j) at a time, each sum a product
 * AᵀB of rows made of scores s_k [P] with weights w_k; ω the weight of an example, 1 where all weigh the same:
 *
 *   value     Σ ω f̂                       rows √(ωw_k) s_k
 *   squares   Σ ω² (Σ_k w_k s_ki s_kj)²   rows ω√((2 − δ_kl) w_k w_l) s_k∘s_l over the pairs k ≤ l; more than 12 columns: an example
 *                                         at a time, the product's elements squared
 *   label     Σ ω² 𝒱_ij                   enumerated: rows ω√w_k s_k∘s_k, less the squares; pairwise: s_a∘s_a against
 *                                         w_a Σ_{b≠a} w_b s_b∘s_b + c_a s_a∘s_a, plus twice the pairs a < b; sampled: rows s_k∘s_k, less K
 *                                         times the squares of the mean, over K − 1
 *   scale     Σ ω² 𝔽_ii 𝔽_jj              of what cancels in the squares (the label's is the sum of its positive terms)
 *
 * Pairs of columns, and not squares of scores: (J²)ᵀJ² lacks the terms k ≠ l.
 */
import type { ExampleScores, Scored } from './example-scores.js';
import type { Target, TileProducts } from './tile-products.js';
import { TiledRows, type Tiling } from './tiled-rows.js';

/** What is summed. */
type Quantity = 'value' | 'exact' | 'lean' | 'squares' | 'scale' | 'label' | 'labelScale';

/** The sums of a tile, [width, width] each; absent what is not summed. */
export type TileSums = Readonly<Partial<Record<Quantity, Float64Array>>>;

/** What is added to which sum, and how often. */
type Into = readonly (readonly [Quantity, number])[];

/** Most columns whose pairs are rows. */
const MOST_PAIRED = 12;

/** AᵀB. */
interface Product {
  readonly left: TiledRows;
  readonly right: TiledRows;
  readonly into: Into;
}

/** Squares of the elements of AᵀA, A the rows of one example. */
interface Squared {
  readonly rows: TiledRows;
  readonly examples: { readonly from: number; readonly to: number; readonly factor: number }[];
  readonly into: Into;
}

/** What an estimate needs of its examples. */
export interface BatchNeeds {
  /** Errors of elements. */
  readonly errors: boolean;
  /** The data error is the spread of another matrix than the value. */
  readonly apart: boolean;
  /** Examples have weights. */
  readonly weighted: boolean;
}

/** Sums of some examples that wait to be added up. */
export class BatchSums {
  readonly examples: ExampleScores[] = [];
  private readonly products = new Map<string, Product>();
  private readonly squared = new Map<string, Squared>();
  private readonly quantities = new Set<Quantity>();
  private readonly sums: Partial<Record<Quantity, Float64Array>> = {};

  constructor(
    private readonly tiling: Tiling,
    private readonly needs: BatchNeeds,
  ) {}

  /** Rows of the longest product. */
  get rows(): number {
    return Math.max(0, ...[...this.products.values()].map(({ left }) => left.count));
  }

  clear(): void {
    this.examples.length = 0;
    for (const { left, right } of this.products.values()) {
      left.clear();
      right.clear();
    }
    for (const { rows, examples } of this.squared.values()) {
      rows.clear();
      examples.length = 0;
    }
  }

  add(example: ExampleScores): void {
    const { weight, value, centre, squares } = example;
    const { errors, apart, weighted } = this.needs;
    this.examples.push(example);
    this.addMatrix('value', value, weight);
    if (!errors) return;
    if (apart) this.addMatrix('exact', centre, weight);
    if (weighted) this.addMatrix('lean', centre, weight * weight);
    this.addSquares('squares', squares, weight, [['squares', 1]]);
    this.product('scale', [['scale', 1]]).left.addScaled(this.diagonalOf(centre), weight);
    this.addLabel(example);
  }

  private addLabel({ weight, squares, draw }: ExampleScores): void {
    if (!draw) return;
    const { of } = draw;
    const K = of.weights.length;
    if (draw.kind === 'pairwise') return this.addPairwise(of, draw.fourth, weight);
    const mean =
      draw.kind === 'sampled' ? { scores: of.scores, weights: of.weights.map(() => 1 / K) } : squares;
    const factor = draw.kind === 'sampled' ? 1 / (K - 1) : 1;
    const rows = this.product('label', [
      ['label', factor],
      ['labelScale', factor],
    ]).left;
    this.eachScore(of, (s, w) => rows.addProduct(s, s, weight * Math.sqrt(w)));
    this.addSquares('mean', mean, weight, [['label', draw.kind === 'sampled' ? -K * factor : -1]]);
  }

  /** Independent components. */
  private addPairwise(of: Scored, fourth: Float64Array, weight: number): void {
    const { left, right } = this.product(
      'components',
      [
        ['label', 1],
        ['labelScale', 1],
      ],
      true,
    );
    const others = this.othersOf(of);
    const K = of.weights.length;
    this.eachScore(of, (s, w, k) => {
      left.addProduct(s, s, weight);
      right.addScaled(
        s.map((v, i) => w * others[k][i] + fourth[k] * v * v),
        weight,
      );
    });
    if (K <= MOST_PAIRED) return this.addPairs('pairs', of, weight, [['label', 1]]);
    this.addSquares('components’ squares', of, weight, [
      ['label', 1],
      ['labelScale', 1],
    ]);
    const own = this.product('own', [
      ['label', -1],
      ['labelScale', 1],
    ]).left;
    this.eachScore(of, (s, w) => own.addProduct(s, s, weight * w));
  }

  /** Σ_{b≠a} w_b s_b∘s_b for each a, by sums from both ends: nothing is subtracted. */
  private othersOf(of: Scored): Float64Array[] {
    const { columns: P } = this.tiling;
    const K = of.weights.length;
    const others = Array.from({ length: K }, () => new Float64Array(P));
    for (const order of [[...others.keys()], [...others.keys()].reverse()]) {
      const sum = new Float64Array(P);
      for (const a of order) {
        const s = of.scores.subarray(a * P, (a + 1) * P);
        for (let i = 0; i < P; i++) {
          others[a][i] += sum[i];
          sum[i] += of.weights[a] * s[i] * s[i];
        }
      }
    }
    return others;
  }

  /** Σ_k w_k s_k∘s_k. */
  private diagonalOf(of: Scored): Float64Array {
    const out = new Float64Array(this.tiling.columns);
    this.eachScore(of, (s, w) => {
      for (let i = 0; i < out.length; i++) out[i] += w * s[i] * s[i];
    });
    return out;
  }

  private addMatrix(quantity: 'value' | 'exact' | 'lean', of: Scored, factor: number): void {
    const rows = this.product(quantity, [[quantity, 1]]).left;
    this.eachScore(of, (s, w) => w > 0 && rows.addScaled(s, Math.sqrt(w * factor)));
  }

  private addSquares(name: string, of: Scored, weight: number, into: Into): void {
    if (of.weights.length <= MOST_PAIRED) {
      const rows = this.product(name, into).left;
      this.eachScore(of, (s, w) => rows.addProduct(s, s, weight * w));
      this.addPairs(name, of, weight, into);
      return;
    }
    const { rows, examples } = this.squaredOf(name, into);
    const from = rows.count;
    this.eachScore(of, (s, w) => w > 0 && rows.addScaled(s, Math.sqrt(w)));
    examples.push({ from, to: rows.count, factor: weight * weight });
  }

  /** Twice the pairs k < l. */
  private addPairs(name: string, of: Scored, weight: number, into: Into): void {
    const rows = this.product(name, into).left;
    this.eachScore(of, (s, v, k) =>
      this.eachScore(of, (t, w, l) => {
        if (l < k && v * w > 0) rows.addProduct(s, t, weight * Math.sqrt(2 * v * w));
      }),
    );
  }

  private eachScore(of: Scored, use: (s: Float64Array, w: number, k: number) => void): void {
    const { columns: P } = this.tiling;
    of.weights.forEach((w, k) => use(of.scores.subarray(k * P, (k + 1) * P), w, k));
  }

  private product(name: string, into: Into, apart = false): Product {
    let product = this.products.get(name);
    if (!product) {
      const left = new TiledRows(this.tiling);
      product = { left, right: apart ? new TiledRows(this.tiling) : left, into };
      this.products.set(name, product);
      for (const [quantity] of into) this.quantities.add(quantity);
    }
    return product;
  }

  private squaredOf(name: string, into: Into): Squared {
    let squared = this.squared.get(name);
    if (!squared) {
      squared = { rows: new TiledRows(this.tiling), examples: [], into };
      this.squared.set(name, squared);
      for (const [quantity] of into) this.quantities.add(quantity);
    }
    return squared;
  }

  /** All sums of the elements of rows in tile `a` and columns in tile `b`, valid until the next tile. */
  async tile(products: TileProducts, a: number, b: number): Promise<TileSums> {
    const size = this.tiling.width ** 2;
    const { sums } = this;
    for (const quantity of this.quantities) (sums[quantity] ??= new Float64Array(size)).fill(0);
    const targets = (into: Into): Target[] => into.map(([q, factor]) => [sums[q] as Float64Array, factor]);
    for (const { left, right, into } of this.products.values())
      await products.add(left.tile(a), right.tile(b), { from: 0, to: left.count }, targets(into));
    for (const { rows, examples, into } of this.squared.values()) {
      const matrix = new Float64Array(size);
      for (const { from, to, factor } of examples) {
        matrix.fill(0);
        await products.add(rows.tile(a), rows.tile(b), { from, to }, [[matrix, 1]]);
        for (const [sum, times] of targets(into))
          for (let i = 0; i < size; i++) sum[i] += times * factor * matrix[i] * matrix[i];
      }
    }
    return sums;
  }
}
