/**
 * @module studies/variance/evaluator
 *
 * Evaluates how far a step moves the model: the mean over fixed inputs of KL(p(y|x;θ) ‖ p(y|x;θ+Δ)), which for an exponential family is
 * F(h′) − F(h) − ηᵀ(h′ − h). One compiled forward pass serves all steps.
 */
import { type FloatArray, type FloatType, type Tensor, sizeOf } from 'fim/core';
import { type Dataset, batches } from 'fim/data';
import type { Engine, Program, Store } from 'fim/engine';
import { graph } from 'fim/graph';
import { type Likelihood, outputs } from 'fim/likelihood';
import type { Network } from 'fim/model';

/** All parameters in one vector, in the network's order. */
export function flatWeights(network: Network): Float64Array {
  return Float64Array.from(
    [...network.parameters.keys()].flatMap((p) => [...weight(network, p).data]) as number[],
  );
}

const weight = (network: Network, name: string): Tensor => network.weights.get(name) as Tensor;

export class StepJudge {
  private constructor(
    private readonly network: Network,
    private readonly likelihood: Likelihood,
    private readonly inputs: Dataset,
    private readonly program: Program,
    private readonly store: Store,
    private readonly base: Float64Array,
  ) {}

  static async compile(
    engine: Engine,
    network: Network,
    likelihood: Likelihood,
    inputs: Dataset,
  ): Promise<StepJudge> {
    const store = engine.store();
    for (const [name, t] of network.weights) store.set(name, { ...t, data: t.data.slice() });
    const all = [...network.inputs, ...network.parameters, ...network.fixed];
    const program = await engine.compile(graph(all, { h: network.h }), { maxBatch: inputs.n, store });
    return new StepJudge(network, likelihood, inputs, program, store, flatWeights(network));
  }

  /** h [n, T] at θ + step. */
  private async outputsAt(step: Float64Array | null): Promise<Float64Array> {
    let at = 0;
    for (const [name, v] of this.network.parameters) {
      const view = this.store.view(name) as FloatArray;
      for (let i = 0; i < sizeOf(v.shape as readonly number[]); i++, at++)
        view[i] = this.base[at] + (step ? step[at] : 0);
    }
    const dtype = this.network.h.dtype as FloatType;
    const [batch] = batches(this.inputs, { batch: this.inputs.n, dtype, order: 'file' });
    for (const port of this.program.inputs) {
      const x = batch.inputs.get(port.name);
      if (x) this.program.setInput(port.name, x.data);
    }
    await this.program.run(batch.n);
    return Float64Array.from(this.program.output('h') as FloatArray);
  }

  /** Mean KL in nats. */
  async divergence(step: Float64Array): Promise<number> {
    const n = this.inputs.n;
    const T = this.network.h.shape[1] as number;
    const [before, after] = [await this.outputsAt(null), await this.outputsAt(step)];
    const [h, moved] = [outputs(before, n, T), outputs(after, n, T)];
    const [F, G, mean] = [new Float64Array(n), new Float64Array(n), new Float64Array(n * T)];
    this.likelihood.logPartition(h, F);
    this.likelihood.logPartition(moved, G);
    this.likelihood.mean(h, mean);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += G[i] - F[i];
    for (let j = 0; j < n * T; j++) sum -= mean[j] * (after[j] - before[j]);
    return sum / n;
  }

  dispose(): void {
    this.program.dispose();
  }
}
