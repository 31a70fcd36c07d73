/**
 * @module optim/descent
 *
 * First-order descent on a network with any number of outputs, whatever the loss: the host turns outputs into cotangents ∂L/∂o
 * between two compiled halves (forward; backward with the optimiser's update), so one pair of programs serves every loss. Parameters
 * and optimiser state are slots of one store; the update writes them in place.
 *
 * With `clipNorm` = c gradients are scaled by min(1, c/(‖g‖ + 1e-6)), ‖g‖ over all parameters together (R. Pascanu et al., ICML 2013;
 * the 1e-6 is PyTorch's `clip_grad_norm_`).
 */
import { type FloatArray, type FloatType, type Tensor, tensor, type TypedArray } from '../core/tensor.js';
import type { Engine, Program, Store } from '../engine/types.js';
import { graph, input, ops as b, type Value, vjp } from '../graph/index.js';
import { cutAt } from '../graph/substitute.js';
import { type Optimiser, UpdateBuilder } from './optimiser.js';

/** Outputs by name over shared inputs and parameters. */
export interface Heads {
  readonly inputs: ReadonlyMap<string, Value>;
  readonly outputs: Readonly<Record<string, Value>>;
  readonly parameters: ReadonlyMap<string, Value>;
  readonly fixed: ReadonlyMap<string, Value>;
  /** Values of parameters and fixed tensors; those already in the store stay as they are. */
  readonly weights: ReadonlyMap<string, Tensor>;
}

export interface DescentOptions {
  readonly maxBatch: number;
  /** Where parameters live. Default: a fresh store of the engine. */
  readonly store?: Store;
  readonly clipNorm?: number;
}

const CLIP_EPSILON = 1e-6;

export class Descent {
  private steps = 0;

  private constructor(
    private readonly optimiser: Optimiser,
    private readonly forwardProgram: Program,
    private readonly updateProgram: Program,
    /** Parameters and optimiser state. */
    readonly store: Store,
    /** Optimiser state and rates by slot name. */
    private readonly slots: ReadonlyMap<string, Tensor>,
    private readonly outputs: readonly string[],
  ) {}

  static async compile(
    engine: Engine,
    heads: Heads,
    optimiser: Optimiser,
    options: DescentOptions,
  ): Promise<Descent> {
    const { maxBatch, store = engine.store(), clipNorm } = options;
    for (const [name, t] of heads.weights)
      if (!store.has(name)) store.set(name, { ...t, data: t.data.slice() });
    const names = Object.keys(heads.outputs);
    const values = Object.values(heads.outputs);
    const dtype = values[0].dtype as FloatType;
    const cts = names.map((name, i) => input(`ct/${name}`, dtype, values[i].shape));
    const parameters = [...heads.parameters];
    const gradients = vjp(
      values,
      cts,
      parameters.map(([, v]) => v),
    );
    const builder = new UpdateBuilder(dtype);
    const scaled = clipNorm === undefined ? gradients : clipped(gradients, clipNorm, dtype);
    parameters.forEach(([name, v], i) => {
      const g = scaled[i];
      if (g) builder.next.set(name, optimiser.update(builder, name, v, g));
    });
    for (const [slot, t] of builder.slots) if (!store.has(slot)) store.set(slot, t);
    const next = [...builder.next];
    const cut = cutAt(
      next.map(([, v]) => v),
      [...cts, ...builder.inputs.values()],
    );
    const data = Object.fromEntries(heads.inputs);
    const weights = Object.fromEntries([...heads.parameters, ...heads.fixed]);
    const shared = Object.fromEntries(cut.placeholders.map((p, i) => [p.name, cut.before[i]]));
    const forwardProgram = await engine.compile(
      graph({ ...data, ...weights }, { ...heads.outputs, ...shared }),
      {
        maxBatch,
        store,
      },
    );
    const late = Object.fromEntries([...builder.inputs, ...cts.map((v): [string, Value] => [v.name, v])]);
    const placeholders = Object.fromEntries(cut.placeholders.map((p) => [p.name, p]));
    const updateProgram = await engine.compile(
      graph(
        { ...data, ...weights, ...late, ...placeholders },
        Object.fromEntries(next.map(([slot], i) => [`next/${slot}`, cut.after[i]])),
      ),
      {
        maxBatch,
        store,
        connect: Object.fromEntries(
          cut.placeholders.map((p) => [p.name, { program: forwardProgram, output: p.name }]),
        ),
        assign: Object.fromEntries(next.map(([slot]) => [`next/${slot}`, slot])),
      },
    );
    return new Descent(optimiser, forwardProgram, updateProgram, store, builder.slots, names);
  }

  /** Runs the outputs at the present weights; read them with `output`. */
  async forward(inputs: ReadonlyMap<string, TypedArray>, n: number): Promise<void> {
    for (const program of [this.forwardProgram, this.updateProgram]) {
      for (const port of program.inputs) {
        const x = inputs.get(port.name);
        if (x) program.setInput(port.name, x);
      }
    }
    await this.forwardProgram.run(n);
  }

  /** An output of the last `forward`, valid until the next. */
  output(name: string): FloatArray {
    return this.forwardProgram.output(name) as FloatArray;
  }

  /** One step down from cotangents ∂L/∂o of every output, on the examples of the last `forward`. */
  async step(
    cotangents: Readonly<Record<string, FloatArray>>,
    n: number,
    learningRate: number,
  ): Promise<void> {
    this.steps += 1;
    for (const [slot, value] of Object.entries(this.optimiser.rates(this.steps, learningRate))) {
      if (this.slots.has(slot)) (this.store.view(slot) as FloatArray)[0] = value;
    }
    for (const name of this.outputs) this.updateProgram.setInput(`ct/${name}`, cotangents[name]);
    await this.updateProgram.run(n);
  }

  /** Steps taken, for optimisers that count; with the slots of the store this is the whole state. */
  get count(): number {
    return this.steps;
  }

  set count(steps: number) {
    this.steps = steps;
  }

  dispose(): void {
    this.updateProgram.dispose();
    this.forwardProgram.dispose();
  }
}

/** Gradients scaled together to a norm of at most `limit`. */
function clipped(gradients: readonly (Value | null)[], limit: number, dtype: FloatType): (Value | null)[] {
  let sum = b.scalar(0, dtype);
  for (const g of gradients) if (g) sum = b.add(sum, b.reduceSum(b.square(g), axesOf(g)));
  const factor = b.minimum(
    b.scalar(1, dtype),
    b.div(b.scalar(limit, dtype), b.shift(b.sqrt(sum), CLIP_EPSILON)),
  );
  return gradients.map((g) => g && b.mul(g, factor));
}

const axesOf = (v: Value): number[] => v.shape.map((_, axis) => axis);

/** The present values of slots like these, copied. */
export function readSlots(store: Store, like: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const now = new Map<string, Tensor>();
  for (const [name, t] of like) {
    now.set(name, tensor(t.dtype, t.shape, store.view(name).slice() as FloatArray as never));
  }
  return now;
}
