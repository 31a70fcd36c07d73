/**
 * @module optim/trainer
 *
 * Maximum likelihood by gradient steps. For every exponential family the gradient of the mean negative log-likelihood with respect
 * to the output is −(t(y) − η)/N: the cotangent that `Descent` takes.
 */
import type { FloatArray, Tensor, TypedArray } from '../core/tensor.js';
import type { Engine, Store } from '../engine/types.js';
import type { Network } from '../model/network.js';
import { Descent, readSlots } from './descent.js';
import type { Optimiser } from './optimiser.js';

/** Writes the residuals t(y) − η [n, T] for outputs h [n, T]. */
export type ResidualWriter = (h: FloatArray, out: FloatArray) => void;

/** Gradient steps on −log p(y|x), a batch at a time. */
export class Trainer {
  private readonly cotangents: FloatArray;

  private constructor(
    private readonly network: Network,
    private readonly descent: Descent,
    maxBatch: number,
  ) {
    const size = maxBatch * (network.h.shape[1] as number);
    this.cotangents = network.h.dtype === 'float64' ? new Float64Array(size) : new Float32Array(size);
  }

  /**
   * Compiles the pass for gradients. Rejects with what `Engine.compile` rejects with.
   * @throws FimError with `graph/examples-coupled`, `graph/shape`, `tensor/size`
   */
  static async compile(
    engine: Engine,
    network: Network,
    optimiser: Optimiser,
    maxBatch: number,
  ): Promise<Trainer> {
    const { inputs, parameters, fixed, weights, h } = network;
    const heads = { inputs, parameters, fixed, weights, outputs: { h } };
    return new Trainer(network, await Descent.compile(engine, heads, optimiser, { maxBatch }), maxBatch);
  }

  /** Parameters and optimiser state. */
  get store(): Store {
    return this.descent.store;
  }

  /** Outputs h [n, T] at the present weights, valid until the next call. */
  async forward(inputs: ReadonlyMap<string, TypedArray>, n: number): Promise<FloatArray> {
    await this.descent.forward(inputs, n);
    return this.descent.output('h');
  }

  /** One step on n examples. */
  async step(
    inputs: ReadonlyMap<string, TypedArray>,
    n: number,
    learningRate: number,
    residual: ResidualWriter,
  ): Promise<void> {
    const h = await this.forward(inputs, n);
    const ct = this.cotangents.subarray(0, h.length);
    residual(h, ct);
    for (let i = 0; i < ct.length; i++) ct[i] = -ct[i] / n;
    await this.descent.step({ h: ct }, n, learningRate);
  }

  /**
   * A copy of the present weights.
   * @throws FimError with `tensor/size`
   */
  weights(): Map<string, Tensor> {
    return readSlots(this.store, this.network.weights);
  }

  /** Frees the compiled programs. */
  dispose(): void {
    this.descent.dispose();
  }
}
