/**
 * @module fisher/closed-forms/pooled
 *
 * Weights of the pooled mix: one α a tensor, the one that makes the sum of its diagonal's label variances least,
 *
 *   α = Σ_i E(𝒱2 − C) / Σ_i E(𝒱1 + 𝒱2 − 2C)      (theory (5.2), summed over the tensor; ½ where the denominator vanishes)
 *
 * from the closed forms at a pilot's inputs. No label is drawn, so α is independent of whatever draws it will weight, and the mix
 * stays unbiased; it is not confined to [0, 1].
 */
import type { Tensor, TypedArray } from '../../core/tensor.js';
import type { Engine } from '../../engine/types.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import type { ExampleBatch, ExampleSource } from '../source.js';
import { pilotSize } from '../visits-needed.js';
import { type Profile, type ProfileOptions, varianceProfile } from './profile.js';

/** α of each tensor of a profile. */
export function poolWeights(profile: Profile): Map<string, number> {
  return new Map(
    profile.tensors.map(({ name, type1, type2, cross }) => {
      let numerator = 0;
      let denominator = 0;
      let both = 0;
      for (let i = 0; i < type1.length; i++) {
        numerator += type2[i] - cross[i];
        denominator += type1[i] + type2[i] - 2 * cross[i];
        both += type1[i] + type2[i];
      }
      return [name, denominator <= 1e-12 * both ? 0.5 : numerator / denominator];
    }),
  );
}

/**
 * Weights from the first examples of `source`, as many as a pilot takes.
 * @throws FimError with `engine/memory`, `fisher/no-examples`, `fisher/not-finite`, `fisher/output-not-finite`, `fisher/positions`,
 * `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`,
 * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `memory/too-small`, `tensor/size`
 */
export async function pooledWeights(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: ProfileOptions & { readonly populationSize: number },
): Promise<Map<string, number>> {
  const size = pilotSize(options.populationSize);
  const pilot: ExampleSource = function* (batch, dtype) {
    let left = size;
    for (const examples of source(Math.min(batch, size), dtype)) {
      yield firstOf(examples, left);
      left -= examples.n;
      if (left <= 0) return;
    }
  };
  const { batch, budget, memory, say, signal } = options;
  const { all } = await varianceProfile(engine, network, likelihood, pilot, {
    batch,
    budget,
    memory,
    say,
    signal,
  });
  return poolWeights(all);
}

/** The first `count` examples of a batch, so that the weights do not depend on where batches end. */
function firstOf(examples: ExampleBatch, count: number): ExampleBatch {
  const { n, indices, occurrence, inputs } = examples;
  if (n <= count) return examples;
  const rows = ({ dtype, shape, data }: Tensor): Tensor => {
    const own = (data as Float64Array).subarray(0, (data.length / n) * count) as TypedArray;
    return { dtype, shape: [(shape[0] / n) * count, ...shape.slice(1)], data: own };
  };
  return {
    ...examples,
    n: count,
    indices: Array.from(indices).slice(0, count),
    occurrence: Array.from(occurrence).slice(0, count),
    inputs: new Map([...inputs].map(([name, t]) => [name, rows(t)])),
  };
}
