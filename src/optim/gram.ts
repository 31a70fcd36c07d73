/**
 * @module optim/gram
 *
 * The Gram matrix of a batch's scores, K = SSᵀ [N, N], without S [N, P]: where a weight meets data by a product the score of an example
 * is the outer product of the input and the gradient at the output, so
 *
 *   K = Σ_l (A_lA_lᵀ + 1) ∘ (G_lG_lᵀ) + Σ_s S_sS_sᵀ      A_l [N, in], G_l [N, out]; 1 for the bias of layer l
 *
 * with S_s the scores of parameters that have no such form (log σ, shared weights). Exact. A. Jacot et al., NeurIPS 2018; Y. Ren,
 * D. Goldfarb, arXiv 1906.02353.
 *
 * A graph keeps examples apart, so a tile of K is a graph whose examples are its rows, and whose columns' factors are constants of the
 * run: one program for any N, and half of the tiles suffice. Cost: N² Σ_l (in + out) multiplications and additions, at matrix-product
 * speed; memory N²  and the factors, or, where these are too big to hold, the factors of two tiles, made again for each pair.
 * The work is done in the network's own precision: float64 networks have float64 Gram matrices.
 */
import { type FloatArray, type FloatType, sizeOf, type TypedArray } from '../core/tensor.js';
import { simplify } from '../engine/simplify.js';
import { PortNames, setData } from '../engine/port-names.js';
import type { Engine, Program, Store } from '../engine/types.js';
import { type Score, scoresOf } from '../scores/index.js';
import { concrete, graph, input, N, ops as b, type Value } from '../graph/index.js';
import type { Network } from '../model/network.js';

/** How much is held at once. */
export interface GramLimits {
  /** Rows of a tile. Default 256. */
  readonly rows?: number;
  /** Numbers that the factors of one tile may hold. Default 2^23. */
  readonly tile?: number;
  /** Numbers that the factors of a batch may hold to be kept. Default 2^25. */
  readonly kept?: number;
}

/** A summand of K: (aaᵀ + bias) ∘ ggᵀ, or ssᵀ; numbers are places among the factors. */
type Term = { readonly a: number; readonly g: number; readonly bias: boolean } | { readonly s: number };

/** Something per example, [N, width]: an output of the score program, or an input of the network as it is. */
interface Factor {
  readonly width: number;
  readonly output: string | null;
  readonly input: string | null;
}

interface Tile {
  readonly rows: number;
  readonly data: readonly FloatArray[];
}

/** Programs and sizes. */
interface Compiled {
  readonly scores: Program;
  readonly ports: PortNames;
  readonly products: Program;
  readonly factors: readonly Factor[];
  readonly widths: ReadonlyMap<string, number>;
  readonly outputs: number;
  readonly tile: number;
  readonly keptLimit: number;
}

/** Compiled Gram matrix K = SSᵀ [N, N] of a batch's scores. */
export class ScoreGram {
  private constructor(private readonly made: Compiled) {}

  /**
   * `store` holds the parameters. Any number of examples; `maxBatch` says how many there may be where it is few.
   * @throws FimError with `graph/examples-coupled`, `graph/shape`, `tensor/size`
   */
  static async compile(
    engine: Engine,
    network: Network,
    store: Store,
    maxBatch: number,
    limits: GramLimits = {},
  ): Promise<ScoreGram> {
    const dtype = network.h.dtype as FloatType;
    const T = network.h.shape[1] as number;
    const ct = input('ct/h', dtype, [N, 1, T]);
    const found = scoresOf(network.h, [...network.parameters.values()], ct).map((s) => s.aligned());
    const { terms, values } = termsOf(found);
    const names = new Map([...network.inputs].map(([name, v]) => [v, name]));
    const factors = values.map((v, i): Factor => {
      const read = names.get(v) ?? null;
      return { width: v.shape[1] as number, output: read === null ? `f${i}` : null, input: read };
    });
    const tile = tileSize(factors, maxBatch, limits);
    const made = factors.flatMap((f, i): [string, Value][] => (f.output ? [[f.output, values[i]]] : []));
    const ports = new PortNames([...store.names(), ...network.parameters.keys(), ...network.fixed.keys()]);
    const scores = await engine.compile(
      graph(
        [
          ...[...network.inputs].map(([name, v]) => [ports.data(name), v] as const),
          ...network.parameters,
          ...network.fixed,
          [ports.late('ct'), ct] as const,
        ],
        made,
      ),
      { maxBatch: tile, store },
    );
    const products = await engine.compile(tileGraph(terms, factors, dtype, tile), { maxBatch: tile });
    const widths = new Map([...network.inputs].map(([name, v]) => [name, sizeOf(concrete(v.shape, 1))]));
    const keptLimit = limits.kept ?? 2 ** 25;
    return new ScoreGram({ scores, ports, products, factors, widths, outputs: T, tile, keptLimit });
  }

  /** K [n, n] row-major of the scores J_nᵀδ_n, into `out`. */
  async of(
    inputs: ReadonlyMap<string, TypedArray>,
    residuals: FloatArray,
    n: number,
    out: Float64Array = new Float64Array(n * n),
  ): Promise<Float64Array> {
    const { tile, factors, products } = this.made;
    const perExample = factors.reduce((sum, f) => sum + f.width, 0);
    const kept = n * perExample <= this.made.keptLimit ? new Map<number, Tile>() : null;
    const at = async (from: number): Promise<Tile> => {
      const made =
        kept?.get(from) ?? (await this.factorsOf(inputs, residuals, from, Math.min(tile, n - from)));
      kept?.set(from, made);
      return made;
    };
    for (let i = 0; i < n; i += tile) {
      const rows = await at(i);
      for (let j = 0; j <= i; j += tile) {
        const columns = j === i ? rows : await at(j);
        factors.forEach(({ width }, f) => {
          products.setInput(`row${f}`, rows.data[f]);
          products.setInput(`column${f}`, padded(columns.data[f], tile * width));
        });
        await products.run(rows.rows);
        const size = { stride: tile, rows: rows.rows, columns: columns.rows };
        write(products.output('K') as FloatArray, size, out, n, [i, j]);
      }
    }
    return out;
  }

  /** The factors of `count` examples, copied. */
  private async factorsOf(
    inputs: ReadonlyMap<string, TypedArray>,
    residuals: FloatArray,
    from: number,
    count: number,
  ): Promise<Tile> {
    const { scores, outputs, widths } = this.made;
    const part = (name: string): TypedArray => {
      const width = widths.get(name) as number;
      return (inputs.get(name) as TypedArray).subarray(from * width, (from + count) * width);
    };
    setData(scores, new Map([...widths.keys()].map((name) => [name, part(name)])), this.made.ports);
    scores.setInput(this.made.ports.late('ct'), residuals.subarray(from * outputs, (from + count) * outputs));
    await scores.run(count);
    const data = this.made.factors.map((f) =>
      f.output ? (scores.output(f.output).slice() as FloatArray) : (part(f.input as string) as FloatArray),
    );
    return { rows: count, data };
  }

  /** Frees the compiled programs. */
  dispose(): void {
    this.made.products.dispose();
    this.made.scores.dispose();
  }
}

/** Terms of K over distinct factors; a bias that has the gradient of its layer's product for a score becomes the 1 beside AAᵀ. */
function termsOf(found: readonly Score[]): { terms: Term[]; values: Value[] } {
  const flat = (v: Value): Value => b.reshape(v, [N, sizeOf(concrete(v.shape, 1))]);
  const all = found.flatMap((f) => (f.input ? [f.input, flat(f.neurons)] : [flat(f.neurons)]));
  const simple = simplify(all);
  const values = [...new Set(simple)];
  const place = (v: Value): number => values.indexOf(v);
  const dense: { a: number; g: number; bias: boolean }[] = [];
  const explicit: { s: number }[] = [];
  let at = 0;
  for (const f of found) {
    if (f.input) dense.push({ a: place(simple[at++]), g: place(simple[at++]), bias: false });
    else explicit.push({ s: place(simple[at++]) });
  }
  const rest = explicit.filter(({ s }) => {
    const layer = dense.find((t) => t.g === s && !t.bias);
    if (layer) layer.bias = true;
    return !layer;
  });
  return { terms: [...dense, ...rest], values };
}

function tileSize(factors: readonly Factor[], maxBatch: number, limits: GramLimits): number {
  const { rows = 256, tile = 2 ** 23 } = limits;
  const perExample = factors.reduce((sum, f) => sum + f.width, 0);
  return Math.max(1, Math.min(rows, maxBatch, Math.floor(tile / perExample)));
}

/** [rows N, columns tile] of K from factors of rows and of columns. */
function tileGraph(terms: readonly Term[], factors: readonly Factor[], dtype: FloatType, tile: number) {
  const rows = factors.map(({ width }, f) => input(`row${f}`, dtype, [N, width]));
  const columns = factors.map(({ width }, f) => input(`column${f}`, dtype, [tile, width]));
  const gram = (f: number): Value => b.matmul(rows[f], b.transpose(columns[f], [1, 0]));
  const summand = (term: Term): Value => {
    if ('s' in term) return gram(term.s);
    const inputs = gram(term.a);
    return b.mul(term.bias ? b.shift(inputs, 1) : inputs, gram(term.g));
  };
  const K = terms.map(summand).reduce((sum, t) => b.add(sum, t));
  return graph(Object.fromEntries([...rows, ...columns].map((v) => [v.name, v])), { K });
}

/** The array, followed by zeros up to `length`. */
function padded(data: FloatArray, length: number): FloatArray {
  if (data.length === length) return data;
  const out = data instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
  out.set(data);
  return out;
}

/** Copies a tile [rows, stride] to (i, j) of K and to its mirror image. */
function write(
  from: FloatArray,
  { stride, rows, columns }: { readonly stride: number; readonly rows: number; readonly columns: number },
  K: Float64Array,
  n: number,
  [i, j]: readonly [number, number],
): void {
  for (let r = 0; r < rows; r++) {
    const last = i === j ? r + 1 : columns;
    for (let c = 0; c < last; c++) {
      const v = from[r * stride + c];
      K[(i + r) * n + j + c] = v;
      K[(j + c) * n + i + r] = v;
    }
  }
}
