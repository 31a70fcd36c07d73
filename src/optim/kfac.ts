/**
 * @module optim/kfac
 *
 * The Fisher as a Kronecker product for each layer, ⟨āāᵀ⟩ ⊗ ⟨ggᵀ⟩, whose inverse is two small ones: for the gradient M [out, in] of a
 * layer (its bias one more column)
 *
 *   d = (G + √λ/π I)⁻¹ M (A + π√λ I)⁻¹,    π = √((tr A/in)/(tr G/out))
 *
 * J. Martens, R. Grosse, ICML 2015, eq. 6.3 and §6.3. A and G are running means: decay min(1 − 1/k, ρ) at the k-th batch. G is of the
 * model's own distribution, by exact columns or one sampled action an example (ACKTR, Y. Wu et al., NeurIPS 2017). Small parameters
 * without a product (log σ) get dense blocks, F + λI. Cost: a backward pass, Σ in² + out² for the factors, their inverses every
 * `interval` updates.
 */
import { FimError } from '../core/errors.js';
import type { FloatArray } from '../core/tensor.js';
import { cholesky, choleskyInverse } from '../linalg/index.js';
import { type ColumnKind, ColumnPass } from './columnPass.js';
import { requireDamping } from './damping.js';
import { type KfacBlock, kfacBlocks, kfacGraph, type KroneckerBlock } from './kfacGraph.js';
import type {
  Preconditioner,
  PreconditionerContext,
  PreconditionerFactory,
  ScoreBatch,
} from './preconditioner.js';

export interface KfacOptions {
  /** Default `exact`. */
  readonly columns?: ColumnKind;
  /** λ. Default 0.01. */
  readonly damping?: number;
  /** ρ. Default 0.95. */
  readonly decay?: number;
  /** Updates between inversions. Default 1. */
  readonly interval?: number;
}

/** Report: `damping`. Throws `optim/damping`, `optim/kfac`, and what `cholesky` throws. */
export function kfac(options: KfacOptions = {}): PreconditionerFactory {
  const { columns = 'exact', damping = 0.01, decay = 0.95, interval = 1 } = options;
  requireDamping(damping);
  if (!(decay >= 0 && decay < 1) || !Number.isSafeInteger(interval) || interval < 1) {
    throw new FimError({
      code: 'optim/kfac',
      kind: 'usage',
      where: 'kfac',
      rule: 'decay is in [0, 1), interval a positive whole number',
      got: `decay ${decay}, interval ${interval}`,
    });
  }
  return async (context) => {
    const blocks = kfacBlocks(context.network);
    const pass = await ColumnPass.compile(context, columns, 'optim/kfac/action', (k) =>
      kfacGraph(context.network, blocks, k),
    );
    return new Kfac(context, blocks, pass, { damping, decay, interval });
  };
}

class Kfac implements Preconditioner {
  readonly name = 'kfac';
  /** Running factors, by the names of the graph's outputs. */
  private readonly factors = new Map<string, Float64Array>();
  private readonly inverses = new Map<string, Float64Array>();
  private updates = 0;

  constructor(
    private readonly context: PreconditionerContext,
    private readonly blocks: readonly KfacBlock[],
    private readonly pass: ColumnPass,
    private readonly options: Required<Omit<KfacOptions, 'columns'>>,
  ) {
    for (const block of blocks) {
      for (const [name, size] of factorSizes(block)) this.factors.set(name, new Float64Array(size));
    }
  }

  async direction(
    batch: ScoreBatch,
    g: Float64Array,
  ): Promise<{ direction: Float64Array; report: { damping: number } }> {
    const { blocks, options } = this;
    await this.learn(batch);
    if ((this.updates - 1) % options.interval === 0 || this.inverses.size === 0) this.invert();
    const direction = new Float64Array(this.context.linear.P);
    for (const block of blocks) {
      if (block.kind === 'kronecker') this.kronecker(block, g, direction);
      else {
        const { name, offset, size } = block.block;
        const part = g.subarray(offset, offset + size);
        const inverse = this.inverses.get(`F/${name}`) as Float64Array;
        if (block.kind === 'dense')
          times(inverse, part, size, size, 1, direction.subarray(offset, offset + size));
        else for (let i = 0; i < size; i++) direction[offset + i] = inverse[i] * part[i];
      }
    }
    return { direction, report: { damping: options.damping } };
  }

  /** The batch's factors into the running means. */
  private async learn(batch: ScoreBatch): Promise<void> {
    const sums = await this.pass.run(batch);
    this.updates++;
    const keep = Math.min(1 - 1 / this.updates, this.options.decay);
    const share = (1 - keep) / batch.n;
    for (const [name, factor] of this.factors) {
      const sum = sums(name) as FloatArray;
      for (let i = 0; i < factor.length; i++) factor[i] = keep * factor[i] + share * sum[i];
    }
  }

  private invert(): void {
    const { damping } = this.options;
    for (const block of this.blocks) {
      if (block.kind === 'kronecker') {
        const { inner, outer } = block;
        const [A, G] = this.pair(block);
        const pi = Math.sqrt(trace(A, inner) / inner / (trace(G, outer) / outer)) || 1;
        const root = Math.sqrt(damping);
        this.inverses.set(`A/${block.weight.name}`, inverseOf(A, inner, pi * root));
        this.inverses.set(`G/${block.weight.name}`, inverseOf(G, outer, root / pi));
      } else {
        const name = `F/${block.block.name}`;
        const F = this.factors.get(name) as Float64Array;
        const { size } = block.block;
        const inverse =
          block.kind === 'dense' ? inverseOf(F, size, damping) : F.map((v) => 1 / (v + damping));
        this.inverses.set(name, inverse);
      }
    }
  }

  private pair({ weight }: KroneckerBlock): [Float64Array, Float64Array] {
    return [
      this.factors.get(`A/${weight.name}`) as Float64Array,
      this.factors.get(`G/${weight.name}`) as Float64Array,
    ];
  }

  /** G⁻¹ M A⁻¹ of one layer. */
  private kronecker(block: KroneckerBlock, g: Float64Array, direction: Float64Array): void {
    const { weight, inner, outer } = block;
    const M = gathered(block, g);
    const left = new Float64Array(outer * inner);
    times(this.inverses.get(`G/${weight.name}`) as Float64Array, M, outer, outer, inner, left);
    const out = new Float64Array(outer * inner);
    times(left, this.inverses.get(`A/${weight.name}`) as Float64Array, outer, inner, inner, out);
    scattered(block, out, direction);
  }

  save(): Record<string, Float64Array> {
    return {
      updates: Float64Array.of(this.updates),
      ...Object.fromEntries([...this.factors].map(([k, v]) => [`factor/${k}`, v.slice()])),
      ...Object.fromEntries([...this.inverses].map(([k, v]) => [`inverse/${k}`, v.slice()])),
    };
  }

  load(state: Readonly<Record<string, Float64Array>>): void {
    [this.updates] = state.updates;
    this.inverses.clear();
    for (const [name, values] of Object.entries(state)) {
      if (name.startsWith('factor/')) this.factors.get(name.slice(7))?.set(values);
      if (name.startsWith('inverse/')) this.inverses.set(name.slice(8), values.slice());
    }
  }

  dispose(): void {
    this.pass.dispose();
  }
}

function factorSizes(block: KfacBlock): [string, number][] {
  if (block.kind === 'kronecker') {
    const { weight, inner, outer } = block;
    return [
      [`A/${weight.name}`, inner * inner],
      [`G/${weight.name}`, outer * outer],
    ];
  }
  const { name, size } = block.block;
  return [[`F/${name}`, block.kind === 'dense' ? size * size : size]];
}

/** The gradient of a layer as M [out, in (+ 1)]. */
function gathered({ weight, bias, inner, outer, transposed }: KroneckerBlock, g: Float64Array): Float64Array {
  const width = bias ? inner - 1 : inner;
  const M = new Float64Array(outer * inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < width; i++) {
      M[o * inner + i] = g[weight.offset + (transposed ? o * width + i : i * outer + o)];
    }
    if (bias) M[o * inner + width] = g[bias.offset + o];
  }
  return M;
}

function scattered(
  { weight, bias, inner, outer, transposed }: KroneckerBlock,
  M: Float64Array,
  d: Float64Array,
): void {
  const width = bias ? inner - 1 : inner;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < width; i++) {
      d[weight.offset + (transposed ? o * width + i : i * outer + o)] = M[o * inner + i];
    }
    if (bias) d[bias.offset + o] = M[o * inner + width];
  }
}

function trace(a: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[i * n + i];
  return sum;
}

/** (a + shift I)⁻¹. */
function inverseOf(a: Float64Array, n: number, shift: number): Float64Array {
  const damped = a.slice();
  for (let i = 0; i < n; i++) damped[i * n + i] += shift;
  return choleskyInverse(cholesky(damped, n), n);
}

/** out = a b for a [m, k], b [k, n]. */
function times(a: Float64Array, b: Float64Array, m: number, k: number, n: number, out: Float64Array): void {
  out.fill(0);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const factor = a[i * k + p];
      for (let j = 0, to = i * n, from = p * n; j < n; j++, to++, from++) out[to] += factor * b[from];
    }
  }
}
