/**
 * @module optim/kfac
 *
 * The Fisher as a Kronecker product for each layer, ⟨āāᵀ⟩ ⊗ ⟨ggᵀ⟩, whose inverse is two small ones: for the gradient M [out, in] of a
 * layer (its bias one more column)
 *
 *   d = (G + √λ/π I)⁻¹ M (A + π√λ I)⁻¹,    π = √((tr A/in)/(tr G/out)),  1 where a trace is 0
 *
 * J. Martens, R. Grosse, ICML 2015, eq. 6.3 and §6.3. A and G are running means (optim/running-means); G is of the model's own
 * distribution, by exact columns or one sampled action a state (ACKTR, Y. Wu et al., NeurIPS 2017). Which parameters go together is read
 * off the graph (optim/kfac-graph); what has no product (log σ, a bias by itself) gets a dense block F + λI, beyond 512 numbers a diagonal.
 *
 * Exact for one example, or where a and g are independent; else it leaves out how they vary together, and every layer with every other.
 * The product of the damped factors is more than the Fisher plus λ: by the cross terms of the split. Too little damping makes steps that
 * leave the region in which KL is quadratic: for 0.01 nats on fresh policies (16-16, 256 states) KL came within 20 % at λ = 1e-2, at up to
 * five times that at 1e-3 and forty times at 1e-4.
 *
 * One network at a time: a value network of its own is a second instance, a Gaussian of unit variance (G of its output is 1, its Fisher
 * the Gauss–Newton matrix). A trunk that two heads share has the sum of two Fishers: one network with the outputs of both, its likelihood
 * their product (likelihood/product); G of a shared layer is then the sum of what each head sends back.
 *
 * Cost: a reverse pass of K columns, N Σ (in² + K out²) for the statistics, Σ (in³ + out³)/3 for Cholesky factors every `interval`
 * updates, and 2 Σ in·out (in + out) for a direction. Nothing of size P² or N × P.
 */
import { FimError } from '../core/errors.js';
import { choleskySolve } from '../linalg/index.js';
import {
  DiagonalBlock,
  type Region,
  type SplitFactors,
  splitFactors,
  splitSolve,
  weightRegion,
} from '../matrix/index.js';
import { dampedFactor, traceOf } from '../matrix/blocks/dense.js';
import { type ColumnKind, ColumnPass } from './column-pass.js';
import { requireDamping } from './damping.js';
import { type KfacBlock, kfacBlocks, kfacGraph, type KroneckerBlock } from './kfac-graph.js';
import type {
  Direction,
  Preconditioner,
  PreconditionerContext,
  PreconditionerFactory,
  ScoreBatch,
} from './preconditioner.js';
import { checkDecay, RunningMeans } from './running-means.js';

/** Columns, damping and decay of the running factors of `kfac`. */
export interface KfacOptions {
  /** Default `exact`. */
  readonly columns?: ColumnKind;
  /** λ. Default 0.01. */
  readonly damping?: number;
  /** ρ of the factors' running means. Default 0.95. */
  readonly decay?: number;
  /** Updates between inversions. Default 1. */
  readonly interval?: number;
}

/**
 * Report: `damping`, `trF` = Σ tr A tr G + Σ tr F. Throws `optim/damping`, `optim/decay`, `optim/kfac`, `optim/factor-not-finite`, and
 * what `cholesky` throws.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `matrix/record`, `random/seed`, `tensor/size`
 */
export function kfac(options: KfacOptions = {}): PreconditionerFactory {
  const { columns = 'exact', damping = 0.01, decay = 0.95, interval = 1 } = options;
  requireDamping(damping);
  checkDecay(decay);
  if (!Number.isSafeInteger(interval) || interval < 1) {
    throw new FimError({
      code: 'optim/kfac',
      kind: 'usage',
      where: 'kfac, updates between inversions',
      rule: 'is a positive whole number',
      got: String(interval),
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
  /** A, G and F by the names of the graph's outputs. */
  private readonly factors: RunningMeans;
  private readonly regions: ReadonlyMap<KroneckerBlock, Region>;
  /** Cholesky factors of what is damped, or the damped diagonal, by the same names. */
  private readonly inverses = new Map<string, Float64Array>();

  constructor(
    private readonly context: PreconditionerContext,
    private readonly blocks: readonly KfacBlock[],
    private readonly pass: ColumnPass,
    private readonly options: Required<Omit<KfacOptions, 'columns'>>,
  ) {
    this.factors = new RunningMeans(blocks.flatMap(factorSizes), options.decay);
    this.regions = new Map(blocks.flatMap((b) => (b.kind === 'kronecker' ? [[b, regionOf(b)]] : [])));
  }

  async direction(batch: ScoreBatch, g: Float64Array): Promise<Direction> {
    const { blocks, factors, inverses, options } = this;
    const due = factors.updates % options.interval === 0;
    factors.learn(await this.pass.run(batch), batch.n);
    if (due || inverses.size === 0) this.invert();
    const direction = new Float64Array(this.context.linear.P);
    let trF = 0;
    for (const block of blocks) {
      trF += this.traceOf(block);
      if (block.kind === 'kronecker') {
        const { weight, inner, outer } = block;
        const region = this.regions.get(block) as Region;
        region.scatter(splitSolve(this.split(weight.name), inner, outer, region.gather(g)), direction);
        continue;
      }
      const { name, offset, size } = block.block;
      const damped = inverses.get(`F/${name}`) as Float64Array;
      const part = g.subarray(offset, offset + size);
      direction.set(
        block.kind === 'dense' ? choleskySolve(damped, size, part) : part.map((v, i) => v / damped[i]),
        offset,
      );
    }
    return { direction, report: { damping: options.damping, trF } };
  }

  private invert(): void {
    const { factors, inverses } = this;
    const { damping } = this.options;
    for (const block of this.blocks) {
      if (block.kind === 'kronecker') {
        const { inner, outer, weight } = block;
        const parts = {
          ...{ inner, outer },
          A: factors.of(`A/${weight.name}`),
          G: factors.of(`G/${weight.name}`),
        };
        const { A, G } = splitFactors(parts, damping);
        inverses.set(`A/${weight.name}`, A);
        inverses.set(`G/${weight.name}`, G);
      } else {
        const name = `F/${block.block.name}`;
        const F = factors.of(name);
        const dense = block.kind === 'dense';
        inverses.set(name, dense ? dampedFactor(F, block.block.size, damping) : F.map((v) => v + damping));
      }
    }
  }

  /** Trace of a block of the Fisher so approximated. */
  private traceOf(block: KfacBlock): number {
    const { factors } = this;
    if (block.kind === 'kronecker') {
      const { weight, inner, outer } = block;
      return traceOf(factors.of(`A/${weight.name}`), inner) * traceOf(factors.of(`G/${weight.name}`), outer);
    }
    const F = factors.of(`F/${block.block.name}`);
    return block.kind === 'dense' ? traceOf(F, block.block.size) : new DiagonalBlock(F).trace();
  }

  /** Factors in use of one layer. */
  private split(name: string): SplitFactors {
    const of = (factor: string): Float64Array => this.inverses.get(`${factor}/${name}`) as Float64Array;
    return { A: of('A'), G: of('G') };
  }

  /** Running means; and the factors in use where the next update does not make them anew. */
  save(): Record<string, Float64Array> {
    const { factors, inverses, options } = this;
    const kept = factors.updates % options.interval === 0 ? [] : [...inverses];
    return {
      ...factors.save(),
      ...Object.fromEntries(kept.map(([name, v]) => [`factor/${name}`, v.slice()])),
    };
  }

  /** Throws `optim/state` where the state is that of another network. */
  load(state: Readonly<Record<string, Float64Array>>): void {
    this.factors.load(state);
    this.inverses.clear();
    for (const [name, size] of this.blocks.flatMap(factorSizes)) {
      const inverse = state[`factor/${name}`];
      if (inverse?.length === size) this.inverses.set(name, inverse.slice());
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

/** A layer's places, as M [out, in (+ 1)]. */
function regionOf({ weight, bias, inner, outer, transposed }: KroneckerBlock): Region {
  const inputs = bias ? inner - 1 : inner;
  return weightRegion({ weight, bias, inputs, outputs: outer, outFirst: transposed });
}
