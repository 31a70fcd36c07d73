/**
 * @module optim/descent
 *
 * First-order descent on a network with any number of outputs, whatever the loss: the host turns outputs into cotangents ∂L/∂o
 * between two compiled halves (forward; backward), so one pair of programs serves every loss. Parameters and optimiser state are slots
 * of one store, which takes the steps in place.
 *
 * With `clipNorm` = c gradients are scaled by min(1, c/(‖g‖ + 1e-6)), ‖g‖ over all parameters together (R. Pascanu et al., ICML 2013;
 * the 1e-6 is PyTorch's `clip_grad_norm_`).
 */
import { type FloatArray, type FloatType, type Tensor, tensor, type TypedArray } from '../core/tensor.js';
import { Halves } from '../engine/halves.js';
import type { Engine, Store } from '../engine/types.js';
import { input, ops as b, type Value, vjp } from '../graph/index.js';
import type { Optimiser } from './optimiser.js';

/** Outputs by name over shared inputs and parameters. */
export interface Heads {
  /** Data, by name. */
  readonly inputs: ReadonlyMap<string, Value>;
  /** What the loss reads, by name. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** What is trained, by name. */
  readonly parameters: ReadonlyMap<string, Value>;
  /** Tensors that stay as they are, by name. */
  readonly fixed: ReadonlyMap<string, Value>;
  /** Values of parameters and fixed tensors; those already in the store stay as they are. */
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** Batch size, store and clipping of a `Descent`. */
export interface DescentOptions {
  /** Most examples of a step. */
  readonly maxBatch: number;
  /** Where parameters live. Default: a fresh store of the engine. */
  readonly store?: Store;
  /** Greatest ‖g‖ over all gradients together; longer ones are scaled down to it. */
  readonly clipNorm?: number;
}

const CLIP_EPSILON = 1e-6;

/** A parameter, its state, and the output that is its gradient. */
interface Moved {
  readonly parameter: string;
  readonly state: readonly string[];
  readonly output: string;
}

const FACTOR = 'clip';

/** Gradient steps of a loss of several heads over one store of parameters. */
export class Descent {
  private steps = 0;

  private constructor(
    private readonly optimiser: Optimiser,
    private readonly halves: Halves,
    /** Parameters and optimiser state. */
    readonly store: Store,
    private readonly moved: readonly Moved[],
    private readonly outputs: readonly string[],
    private readonly clips: boolean,
  ) {}

  /**
   * Compiles the pass for gradients. Rejects with what `Engine.compile` rejects with.
   * @throws FimError with `graph/examples-coupled`, `graph/shape`, `tensor/size`
   */
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
    const asked = new Map<string, Value>();
    const moved: Moved[] = [];
    parameters.forEach(([parameter, v], i) => {
      const g = gradients[i];
      if (!g) return;
      const output = `gradient/${parameter}`;
      asked.set(output, g);
      const slots = optimiser.state(parameter).map((s) => ({ ...s, slot: apartFrom(heads.weights, s.slot) }));
      const shape = v.shape as readonly number[];
      for (const { slot, initial } of slots)
        if (!store.has(slot)) store.set(slot, filled(dtype, shape, initial));
      moved.push({ parameter, state: slots.map((s) => s.slot), output });
    });
    if (clipNorm !== undefined) asked.set(FACTOR, clipFactor([...asked.values()], clipNorm, dtype));
    const split = {
      inputs: heads.inputs,
      weights: [...heads.parameters, ...heads.fixed],
      front: heads.outputs,
      halves: { gradient: { late: Object.fromEntries(cts.map((v) => [v.name, v])), outputs: asked } },
    };
    const halves = await Halves.compile(engine, split, { maxBatch, store });
    return new Descent(optimiser, halves, store, moved, names, clipNorm !== undefined);
  }

  /** Runs the outputs at the present weights; read them with `output`. */
  async forward(inputs: ReadonlyMap<string, TypedArray>, n: number): Promise<void> {
    await this.halves.forward(inputs, n);
  }

  /** An output of the last `forward`, flat [n · elements of an example], valid until the next. */
  output(name: string): FloatArray {
    return this.halves.output(name);
  }

  /** One step down from cotangents ∂L/∂o of every output, on the examples of the last `forward`. */
  async step(
    cotangents: Readonly<Record<string, FloatArray>>,
    n: number,
    learningRate: number,
  ): Promise<void> {
    const { halves, store } = this;
    this.steps += 1;
    const late = new Map(this.outputs.map((name) => [`ct/${name}`, cotangents[name]]));
    const gradient = await halves.run('gradient', late, n);
    const rule = this.optimiser.rule(this.steps, learningRate);
    const scale = this.clips ? (gradient(FACTOR) as FloatArray)[0] : 1;
    for (const { parameter, state, output } of this.moved)
      store.descend(rule, { parameter, state, gradient: gradient(output) as FloatArray, scale });
  }

  /** Steps taken, for optimisers that count; with the slots of the store this is the whole state. */
  get count(): number {
    return this.steps;
  }

  /** Continues from a count, e.g. of a checkpoint. */
  set count(steps: number) {
    this.steps = steps;
  }

  /** Frees the compiled programs. */
  dispose(): void {
    this.halves.dispose();
  }
}

/** min(1, limit/(‖g‖ + 1e-6)) over all gradients together. */
function clipFactor(gradients: readonly Value[], limit: number, dtype: FloatType): Value {
  let sum = b.scalar(0, dtype);
  for (const g of gradients) sum = b.add(sum, b.reduceSum(b.square(g), axesOf(g)));
  return b.minimum(b.scalar(1, dtype), b.div(b.scalar(limit, dtype), b.shift(b.sqrt(sum), CLIP_EPSILON)));
}

/** A slot's name, behind a slash more for as long as a weight is called so. */
function apartFrom(weights: ReadonlyMap<string, unknown>, slot: string): string {
  return weights.has(slot) ? apartFrom(weights, `/${slot}`) : slot;
}

function filled(dtype: FloatType, shape: readonly number[], value: number): Tensor {
  const size = shape.reduce((p, q) => p * q, 1);
  return tensor(dtype, shape, new Array<number>(size).fill(value));
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
