/**
 * @module rl/algorithms/joint
 *
 * Policy and value network descending together on one loss, whatever the surrogate: what A2C, PPO and REINFORCE share.
 *
 *   L = −mean surrogate_n − c_H · mean H(π(·|s_n)) + c_V · mean (V(s_n) − R_n)²
 *
 * A surrogate is given by its derivative with respect to log π(a_n|s_n), so ∂L/∂h_n = −(w_n δ_n + c_H ∂H/∂h_n)/N with δ_n the score's
 * residual: the host computes the cotangents in float64, one compiled program the rest. V. Mnih et al., ICML 2016, for c_H and c_V.
 */
import type { FloatArray } from '../../core/tensor.js';
import { type Labels, outputs } from '../../likelihood/index.js';
import { Descent } from '../../optim/descent.js';
import type { Optimiser } from '../../optim/optimiser.js';
import { divergenceOf } from '../policies/divergence.js';
import type { AlgorithmContext } from './types.js';

export interface JointOptions {
  readonly optimiser: Optimiser;
  readonly valueCoefficient: number;
  readonly entropyCoefficient: number;
  /** Norm at which gradients are clipped; 0: never. */
  readonly maxGradNorm: number;
}

/** Rows of a segment, or of some of it. */
export interface PolicyRows {
  readonly n: number;
  readonly features: FloatArray;
  readonly actions: Labels;
  readonly returns: ArrayLike<number>;
}

/** What a step found before it moved. */
export interface JointLoss {
  valueLoss: number;
  entropy: number;
}

export class Joint {
  /** log π(a|s) of the rows of the last `forward`. */
  readonly logProbabilities: Float64Array;
  private readonly residuals: FloatArray;
  private readonly entropies: Float64Array;
  private readonly entropySlopes: FloatArray;
  private readonly valueSlopes: FloatArray;
  private readonly divergence;
  private readonly inputs = new Map<string, FloatArray>();

  private constructor(
    private readonly context: AlgorithmContext,
    private readonly options: JointOptions,
    private readonly descent: Descent,
    maxBatch: number,
  ) {
    const { policy, likelihood } = context.model;
    const T = policy.h.shape[1] as number;
    const floats = (length: number): FloatArray =>
      policy.h.dtype === 'float64' ? new Float64Array(length) : new Float32Array(length);
    this.logProbabilities = new Float64Array(maxBatch);
    this.residuals = floats(maxBatch * T);
    this.entropies = new Float64Array(maxBatch);
    this.entropySlopes = floats(maxBatch * T);
    this.valueSlopes = floats(maxBatch);
    this.divergence = divergenceOf(likelihood);
  }

  /** Compiles for batches of at most `maxBatch` rows. */
  static async compile(context: AlgorithmContext, options: JointOptions, maxBatch: number): Promise<Joint> {
    const { policy, value } = context.model;
    const heads = {
      inputs: policy.inputs,
      outputs: value ? { h: policy.h, v: value.h } : { h: policy.h },
      parameters: new Map([...policy.parameters, ...(value?.parameters ?? [])]),
      fixed: policy.fixed,
      weights: new Map([...policy.weights, ...(value?.weights ?? [])]),
    };
    const { maxGradNorm } = options;
    const descent = await Descent.compile(context.engine, heads, options.optimiser, {
      maxBatch,
      store: context.store,
      ...(maxGradNorm > 0 ? { clipNorm: maxGradNorm } : {}),
    });
    return new Joint(context, options, descent, maxBatch);
  }

  /** Runs both networks on the rows; fills `logProbabilities`. Throws `likelihood/not-finite`. */
  async forward(rows: PolicyRows): Promise<void> {
    const { likelihood, policy } = this.context.model;
    this.inputs.set('x', rows.features);
    await this.descent.forward(this.inputs, rows.n);
    const h = outputs(this.descent.output('h'), rows.n, policy.h.shape[1] as number);
    likelihood.logProbability(h, rows.actions, this.logProbabilities);
  }

  /** h of the last `forward`. */
  get h(): FloatArray {
    return this.descent.output('h');
  }

  /** V of the last `forward`. */
  get values(): FloatArray {
    return this.descent.output('v');
  }

  /**
   * One step on the rows of the last `forward`; `slopes` are the w_n, ∂surrogate_n/∂log π(a_n|s_n). The loss found is added to `loss`.
   */
  async step(rows: PolicyRows, slopes: Float64Array, learningRate: number, loss: JointLoss): Promise<void> {
    const { context, options, descent, residuals, entropySlopes, valueSlopes, entropies } = this;
    const { likelihood, policy, value } = context.model;
    const { entropyCoefficient, valueCoefficient } = options;
    const { n } = rows;
    const T = policy.h.shape[1] as number;
    const h = outputs(descent.output('h'), n, T);
    likelihood.residual(h, rows.actions, residuals);
    this.divergence.entropy(h, entropies, entropyCoefficient === 0 ? undefined : entropySlopes);
    let entropy = 0;
    for (let i = 0, at = 0; i < n; i++) {
      entropy += entropies[i];
      const weight = -slopes[i] / n;
      for (let a = 0; a < T; a++, at++) residuals[at] *= weight;
    }
    if (entropyCoefficient !== 0) {
      const weight = entropyCoefficient / n;
      for (let at = 0; at < n * T; at++) residuals[at] -= weight * entropySlopes[at];
    }
    const cotangents: Record<string, FloatArray> = { h: residuals.subarray(0, n * T) };
    if (value) {
      const v = descent.output('v');
      const weight = (2 * valueCoefficient) / n;
      let squares = 0;
      for (let i = 0; i < n; i++) {
        const d = v[i] - rows.returns[i];
        squares += d * d;
        valueSlopes[i] = weight * d;
      }
      cotangents.v = valueSlopes.subarray(0, n);
      loss.valueLoss += squares / n;
    }
    loss.entropy += entropy / n;
    await descent.step(cotangents, n, learningRate);
  }

  save(): Record<string, Float64Array> {
    return { steps: Float64Array.of(this.descent.count) };
  }

  load(state: Readonly<Record<string, Float64Array>>): void {
    this.descent.count = state.steps[0];
  }

  dispose(): void {
    this.descent.dispose();
  }
}

/** Share of the variance of the returns that the values explain, 1 − Var(R − V)/Var R; NaN where returns do not vary. */
export function explainedVariance(values: ArrayLike<number>, returns: ArrayLike<number>): number {
  const n = returns.length;
  let [mean, meanError] = [0, 0];
  for (let i = 0; i < n; i++) {
    mean += returns[i] / n;
    meanError += (returns[i] - values[i]) / n;
  }
  let [total, left] = [0, 0];
  for (let i = 0; i < n; i++) {
    total += (returns[i] - mean) ** 2;
    left += (returns[i] - values[i] - meanError) ** 2;
  }
  return total > 0 ? 1 - left / total : NaN;
}
