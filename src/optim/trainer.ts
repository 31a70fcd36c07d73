/**
 * @module optim/trainer
 *
 * Maximum likelihood by gradient steps. For every exponential family the gradient of the mean negative log-likelihood with respect
 * to the output is −(t(y) − η)/N, so one compiled pair of graphs (forward; backward with update) serves all of them: the host
 * turns h into residuals between the two.
 */
import { type FloatArray, type FloatType, type Tensor, tensor, type TypedArray } from '../core/tensor.js';
import type { Engine, Program, Store } from '../engine/types.js';
import { graph, input, type Value, vjp } from '../graph/index.js';
import { cutAt } from '../graph/substitute.js';
import type { Network } from '../model/network.js';
import { type Optimiser, UpdateBuilder } from './optimiser.js';

/** Writes the residuals t(y) − η [n, T] for outputs h [n, T]. */
export type ResidualWriter = (h: FloatArray, out: FloatArray) => void;

export class Trainer {
  private steps = 0;
  private readonly cotangents: FloatArray;

  private constructor(
    private readonly network: Network,
    private readonly optimiser: Optimiser,
    private readonly forwardProgram: Program,
    private readonly updateProgram: Program,
    /** Parameters and optimiser state. */
    readonly store: Store,
    private readonly slots: ReadonlyMap<string, Tensor>,
    maxBatch: number,
  ) {
    const size = maxBatch * (network.h.shape[1] as number);
    this.cotangents = network.h.dtype === 'float64' ? new Float64Array(size) : new Float32Array(size);
  }

  static async compile(
    engine: Engine,
    network: Network,
    optimiser: Optimiser,
    maxBatch: number,
  ): Promise<Trainer> {
    const dtype = network.h.dtype as FloatType;
    const store = engine.store();
    for (const [name, t] of network.weights) store.set(name, { ...t, data: t.data.slice() });
    const ct = input('ct', dtype, network.h.shape);
    const names = [...network.parameters.keys()];
    const parameters = [...network.parameters.values()];
    const gradients = vjp([network.h], [ct], parameters);
    const builder = new UpdateBuilder(dtype);
    names.forEach((name, i) => {
      const g = gradients[i];
      if (g) builder.next.set(name, optimiser.update(builder, name, parameters[i], g));
    });
    for (const [slot, t] of builder.slots) store.set(slot, t);
    const next = [...builder.next];
    const cut = cutAt(
      next.map(([, v]) => v),
      [ct, ...builder.inputs.values()],
    );
    const data = Object.fromEntries(network.inputs);
    const weights = Object.fromEntries([...network.parameters, ...network.fixed]);
    const shared = Object.fromEntries(cut.placeholders.map((p, i) => [p.name, cut.before[i]]));
    const forwardProgram = await engine.compile(graph({ ...data, ...weights }, { h: network.h, ...shared }), {
      maxBatch,
      store,
    });
    const outputs: Record<string, Value> = {};
    const assign: Record<string, string> = {};
    next.forEach(([slot], i) => {
      outputs[`next/${slot}`] = cut.after[i];
      assign[`next/${slot}`] = slot;
    });
    const updateProgram = await engine.compile(
      graph(
        {
          ...data,
          ...weights,
          ...Object.fromEntries(builder.inputs),
          ...Object.fromEntries(cut.placeholders.map((p) => [p.name, p])),
          ct,
        },
        outputs,
      ),
      {
        maxBatch,
        store,
        connect: Object.fromEntries(
          cut.placeholders.map((p) => [p.name, { program: forwardProgram, output: p.name }]),
        ),
        assign,
      },
    );
    return new Trainer(network, optimiser, forwardProgram, updateProgram, store, builder.slots, maxBatch);
  }

  /** Outputs h [n, T] at the present weights, valid until the next call. */
  async forward(inputs: ReadonlyMap<string, TypedArray>, n: number): Promise<FloatArray> {
    for (const program of [this.forwardProgram, this.updateProgram]) {
      for (const port of program.inputs) {
        const x = inputs.get(port.name);
        if (x) program.setInput(port.name, x);
      }
    }
    await this.forwardProgram.run(n);
    return this.forwardProgram.output('h') as FloatArray;
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
    this.steps += 1;
    for (const [slot, value] of Object.entries(this.optimiser.rates(this.steps, learningRate))) {
      if (this.slots.has(slot)) (this.store.view(slot) as FloatArray)[0] = value;
    }
    this.updateProgram.setInput('ct', ct);
    await this.updateProgram.run(n);
  }

  /** A copy of the present weights. */
  weights(): Map<string, Tensor> {
    const now = new Map<string, Tensor>();
    for (const [name, t] of this.network.weights) {
      now.set(name, tensor(t.dtype, t.shape, this.store.view(name).slice() as FloatArray as never));
    }
    return now;
  }

  dispose(): void {
    this.updateProgram.dispose();
    this.forwardProgram.dispose();
  }
}
