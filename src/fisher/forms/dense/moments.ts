/**
 * @module fisher/forms/dense/moments
 *
 * Closed forms of every element of the P×P matrices: the Fisher information, the variance of one label under both types, their
 * covariance and the oracle's, means over the examples. No label is drawn. O(n P² K) time, O(P²) memory.
 */
import { UniformStream } from '../../../core/random.js';
import type { Engine } from '../../../engine/types.js';
import { rootFor } from '../../../likelihood/roots/index.js';
import type { Likelihood } from '../../../likelihood/types.js';
import type { Network } from '../../../model/network.js';
import { requireExamples } from '../../checks.js';
import { inNaturalForm } from '../../curved/natural.js';
import { ESTIMATORS } from '../../estimators/table.js';
import { type Accumulation, type Job, loop } from '../../loop.js';
import { DEFAULT_BUDGET } from '../../memory.js';
import type { ExampleSource } from '../../source.js';
import { planDerivatives } from './derivatives.js';
import { elementsOf } from './elements.js';
import { requireDense } from './size.js';

/** Means over the examples, [P, P] row-major. */
export interface DenseMoments {
  /** Examples in the means. */
  readonly examples: number;
  /** Number of parameters. */
  readonly P: number;
  /** 𝓘_ij [P, P]. */
  readonly fisher: Float64Array;
  /** Variance of one label's s_i s_j [P, P]. */
  readonly type1: Float64Array;
  /** Variance of one label's negative second derivative [P, P]. */
  readonly type2: Float64Array;
  /** Covariance of the two at the same label [P, P]. */
  readonly cross: Float64Array;
  /** Least variance of one label that a mix of the two at a known α reaches [P, P]. */
  readonly oracle: Float64Array;
}

const QUANTITIES = ['fisher', 'type1', 'type2', 'cross', 'oracle'] as const;

/**
 * Closed forms of every element. `second: false` leaves out type 2 and what needs it (zeros). Throws `fisher/dense-size`,
 * `fisher/no-examples`.
 * @throws FimError with `engine/memory`, `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`,
 * `kernels/unknown`, `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`, `linalg/shape`, `random/index`, `random/seed`,
 * `tensor/size`
 */
export async function denseMoments(
  engine: Engine,
  given: Network,
  declared: Likelihood,
  source: ExampleSource,
  options: { batch?: number; second?: boolean } = {},
): Promise<DenseMoments> {
  const { network, likelihood } = inNaturalForm(given, declared);
  const P = requireDense(network);
  const sums = Object.fromEntries(QUANTITIES.map((q) => [q, new Float64Array(P * P)]));
  const { batch = 32, second = true } = options;
  const job: Job = {
    engine,
    network,
    likelihood,
    estimator: ESTIMATORS.exact,
    error: 'none',
    draws: 0,
    stream: new UniformStream(0, 'none'),
    root: rootFor(likelihood, network.h.shape[1] as number),
    exactPairs: 0,
    targets: null,
    batch,
    budget: DEFAULT_BUDGET,
    doubts: [],
  };
  const { workers } = await loop([{ job, forms: [elementSums(job, second, sums, P)] }], source);
  const { examples } = workers[0].counts[0];
  requireExamples(examples, false, 'dense Fisher matrix');
  for (const q of QUANTITIES) {
    for (let i = 0; i < P; i++)
      for (let j = 0; j <= i; j++) {
        sums[q][i * P + j] /= examples;
        sums[q][j * P + i] = sums[q][i * P + j];
      }
  }
  return { examples, P, ...sums } as unknown as DenseMoments;
}

/** Every quantity of every element, summed over the examples: lower triangles. */
function elementSums(
  { network, likelihood, batch }: Job,
  second: boolean,
  sums: Readonly<Record<string, Float64Array>>,
  P: number,
): Accumulation {
  const plan = planDerivatives(network, second);
  return {
    graphs: plan.graphs,
    batch,
    doubts: null,
    async run(programs, opened) {
      const derivatives = await plan.read(programs, opened);
      return () => {
        for (const elements of elementsOf(derivatives, likelihood)) {
          for (let i = 0; i < P; i++)
            for (let j = 0; j <= i; j++) {
              const element = elements.at(i, j);
              for (const q of QUANTITIES) sums[q][i * P + j] += element[q];
            }
        }
        return false;
      };
    },
  };
}

/** Σ_j of a [P, P] matrix, by row. */
export function rowSums(matrix: Float64Array, P: number): Float64Array {
  const out = new Float64Array(P);
  for (let i = 0; i < P * P; i++) out[Math.floor(i / P)] += matrix[i];
  return out;
}
