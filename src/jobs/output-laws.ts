/**
 * @module jobs/output-laws
 *
 * Laws of the labels alone, and what they say of type 1, from the network's outputs:
 *
 *   whitened   mean and median over the inputs of E‖𝔽^{+½}(ssᵀ − 𝔽)𝔽^{+½}‖_F² = β₂ − ρ (theory (4.5)): the squared error of one label in the
 *              Fisher's own metric, the same for every block whose Jacobian has full row rank on the range of I
 *   z          λ̃_max(M) and λ̃_max(K), means over the first `Z_INPUTS` inputs, beside λ_max(M̄) at the same ones. Found by iteration
 *              from below (variance/zeigen): estimates, in no certified bound
 */
import type { Engine } from '../engine/types.js';
import { Passes } from '../fisher/passes.js';
import type { ExampleSource } from '../fisher/source.js';
import { outputs } from '../likelihood/batch.js';
import type { Likelihood, Outputs } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { familyMoments } from '../variance/family-moments.js';
import { whitenedError } from '../variance/laws.js';
import { forwardOutputs } from '../variance/probe-batch.js';
import { zEigenvalue } from '../variance/zeigen.js';
import { turn } from './yielding.js';

/** Inputs at which Z-eigenvalues are iterated. */
const Z_INPUTS = 20;
/** Starts of each iteration, besides the unit vectors. */
const Z_STARTS = 20;
/** Outputs up to which the T⁴ moments are formed. */
const Z_OUTPUTS = 12;

/** Numbers of columns at once. */
const NUMBERS = 2 ** 24;
const TOO_MANY = 'columns of so many outputs do not fit: T² numbers an input';

/** Whitened error of one label; numbers null where they are beyond float64. */
export interface Whitened {
  readonly mean: number | null;
  readonly median: number | null;
  readonly missing: string | null;
}

/** Estimated Z-eigenvalues, means over the inputs. */
export interface ZEstimates {
  readonly inputs: number;
  readonly starts: number;
  /** λ̃_max(M): estimate, from below. */
  readonly fourthCentral: number;
  /** λ̃_max(K): estimate, from below. */
  readonly fourthMoment: number;
  /** λ_max(M̄) at the same inputs: certified. */
  readonly matrix: number;
}

/** Laws of the outputs. */
export interface OutputLaws {
  readonly whitened: Whitened;
  readonly zEigenvalues: ZEstimates | { readonly missing: string };
}

/** One forward pass over the inputs. */
export async function outputLaws(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: {
    readonly batch?: number;
    readonly seed?: number;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<OutputLaws> {
  const T = network.h.shape[1] as number;
  const errors: number[] = [];
  const columns = likelihood.components ? likelihood.columnCount(T) * T : T;
  const measurable = columns <= NUMBERS;
  const perPart = Math.max(1, Math.floor(NUMBERS / columns));
  const sums = { inputs: 0, fourthCentral: 0, fourthMoment: 0, matrix: 0 };
  const programs = await Passes.compile(engine, network, {}, options.batch ?? 256);
  try {
    for (const examples of source(programs.maxBatch, programs.dtype)) {
      if (options.signal?.aborted) break;
      const h = await forwardOutputs(programs, examples);
      likelihood.checkDomain(h, examples.indices);
      if (measurable) for (const part of rowsOf(h, perPart)) errors.push(...whitenedError(likelihood, part));
      for (let e = 0; e < h.n && sums.inputs < Z_INPUTS && T <= Z_OUTPUTS; e++) {
        await turn();
        if (options.signal?.aborted) break;
        addZ(sums, likelihood, h, e, options.seed ?? 0);
      }
    }
  } finally {
    programs.dispose();
  }
  const { inputs } = sums;
  return {
    whitened: measurable ? whitenedOf(errors) : { mean: null, median: null, missing: TOO_MANY },
    zEigenvalues:
      inputs === 0
        ? { missing: T > Z_OUTPUTS ? `taken up to ${Z_OUTPUTS} outputs: T⁴ numbers an input` : 'interrupted' }
        : {
            inputs,
            starts: Math.max(Z_STARTS, T),
            fourthCentral: sums.fourthCentral / inputs,
            fourthMoment: sums.fourthMoment / inputs,
            matrix: sums.matrix / inputs,
          },
  };
}

/** The rows of h, `count` at a time. */
function rowsOf(h: Outputs, count: number): Outputs[] {
  const parts: Outputs[] = [];
  for (let from = 0; from < h.n; from += count) {
    const n = Math.min(count, h.n - from);
    parts.push(outputs(Float64Array.from(h.data.subarray(from * h.T, (from + n) * h.T)), n, h.T));
  }
  return parts;
}

function addZ(
  sums: { inputs: number; fourthCentral: number; fourthMoment: number; matrix: number },
  likelihood: Likelihood,
  h: Outputs,
  e: number,
  seed: number,
): void {
  const moments = familyMoments(likelihood, h, e);
  const search = { starts: Z_STARTS, seed };
  sums.inputs += 1;
  sums.fourthCentral += zEigenvalue(moments.M, h.T, 'max', search).value;
  sums.fourthMoment += zEigenvalue(moments.K, h.T, 'max', search).value;
  sums.matrix += moments.fourthEigenvalues[0];
}

function whitenedOf(errors: readonly number[]): Whitened {
  if (errors.length === 0) return { mean: null, median: null, missing: 'interrupted' };
  const sorted = [...errors].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  const mean = errors.reduce((sum, x) => sum + x, 0) / errors.length;
  const infinite = (x: number) => (Number.isFinite(x) ? x : null);
  return {
    mean: infinite(mean),
    median: infinite(median),
    missing: Number.isFinite(mean)
      ? null
      : 'a label’s probability is 0 in float64, where this error is infinite',
  };
}
