/**
 * @module model/tested
 *
 * Tests by numbers whether a file's examples are independent, where its shapes cannot say it: the graph is read for a few examples, without
 * a symbol for their number, one of them is changed, and the outputs of the others must not move. Random inputs, by the reference loops of
 * the oracle in float64; left out where that is too much.
 */
import { Sequence } from '../core/random.js';
import { isFloat, sizeOf, type Tensor, tensor } from '../core/tensor.js';
import { FimError } from '../core/errors.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import { nodesOf } from '../graph/derive.js';
import { type ImportedModel, importDecoded, type OnnxModel } from '../graph/onnx/index.js';
import { operatorOf } from '../graph/registry.js';
import type { Value } from '../graph/value.js';

/** What a test by numbers says. */
export interface Tested {
  /** Whether no other example's output moved. */
  readonly apart: boolean;
  /** What was tested and found. */
  readonly text: string;
}

/** Examples where the file does not fix their number. */
const EXAMPLES = 3;

/** Most operations that are spent. */
const MOST = 5e7;

/** Relative change that is no rounding. */
const MOVED = 1e-9;

/** Null where no test is possible: a batch of one, an operator that is not covered, too large a network. */
export function testedApart(
  decoded: OnnxModel,
  model: ImportedModel,
  output: string | undefined,
): Tested | null {
  const examples = model.fixedBatch ?? EXAMPLES;
  if (examples < 2) return null;
  const name = output?.split(',')[0] ?? model.outputs.find((o) => o.float)?.name;
  if (name === undefined) return null;
  try {
    const reading = { ...model.reading, literal: examples };
    const literal = importDecoded(decoded, { file: model.file, dtype: 'float64', reading });
    const h = literal.value(name);
    if (!isFloat(h.dtype) || workOf(h) > MOST) return null;
    return compare(literal, h, examples);
  } catch (error) {
    if (error instanceof FimError) return null;
    throw error;
  }
}

function compare(model: ImportedModel, h: Value, examples: number): Tested | null {
  const shape = h.shape as readonly number[];
  const axis = shape.indexOf(examples);
  if (axis < 0 || shape.lastIndexOf(examples) !== axis) return null;
  const weights = new Map(model.candidates([h]).map((c) => [c.value, c.tensor]));
  const inputs = new Map(model.inputs.map(({ name, value }) => [value, drawn(name, value)]));
  const run = (x: ReadonlyMap<Value, Tensor>): Float64Array =>
    evaluate([h], new Map([...weights, ...x]), 1)[0].data;
  const before = run(inputs);
  const after = run(new Map([...inputs].map(([v, t]) => [v, firstChanged(t)])));
  const scale = before.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  if (!after.every(Number.isFinite) || !Number.isFinite(scale)) return null;
  const inner = sizeOf(shape.slice(axis + 1));
  const what = `tested with ${examples} random examples`;
  for (let i = 0; i < before.length; i++) {
    const example = Math.floor(i / inner) % examples;
    if (example === 0 || Math.abs(after[i] - before[i]) <= MOVED * scale) continue;
    return {
      apart: false,
      text: `${what}: the output of example ${example} moved from ${before[i].toPrecision(4)} to ${after[i].toPrecision(4)} when only example 0 was changed`,
    };
  }
  return {
    apart: true,
    text: `${what}: no output moved when another example was changed, so the examples are independent, but the shapes of this node cannot say it`,
  };
}

function workOf(h: Value): number {
  const size = (shape: Value['shape']): number => sizeOf(shape as readonly number[]);
  return nodesOf([h]).reduce((sum, n) => sum + operatorOf(n.op).flops(n, size) + size(n.output.shape), 0);
}

/** Numbers from −1 to 1; of integers 0 and 1. */
function drawn(name: string, { dtype, shape }: Value): Tensor {
  const random = new Sequence(1, name);
  const numbers = Array.from({ length: sizeOf(shape as readonly number[]) }, () => random.next());
  return tensor(
    dtype,
    shape as readonly number[],
    numbers.map((u) => (isFloat(dtype) ? 2 * u - 1 : Math.floor(2 * u))),
  );
}

/** The same with other numbers in the first example. */
function firstChanged(t: Tensor): Tensor {
  const size = sizeOf(t.shape.slice(1));
  const numbers = Array.from(t.data as ArrayLike<number | bigint>, Number);
  for (let i = 0; i < size; i++) numbers[i] = isFloat(t.dtype) ? 0.25 - numbers[i] / 2 : 1 - numbers[i];
  return tensor(t.dtype, t.shape, numbers);
}
