/**
 * @module test/onnx/mutations/judge
 *
 * Judgement of a mutated file: it is refused by one complaint, or read, computed by the oracle in float64 and compared with ONNX Runtime
 * where that loads and runs it. A number is wrong where both have one and three draws of the inputs each show a difference that float32
 * does not explain.
 */
import * as ort from 'onnxruntime-node';
import { FimError } from '../../../src/core/errors.js';
import { Sequence } from '../../../src/core/random.js';
import { type DType, isFloat, sizeOf, type Tensor, tensor, toFloat64 } from '../../../src/core/tensor.js';
import { evaluate } from '../../../src/engine/oracle/evaluate.js';
import { nodesOf } from '../../../src/graph/derive.js';
import { batchAxis, type BatchDim, concrete, slowOf } from '../../../src/graph/dims.js';
import type { Numbers } from '../../../src/graph/operator.js';
import { type ImportedModel, importModel } from '../../../src/graph/onnx/index.js';
import { decodeModel, isDense } from '../../../src/graph/onnx/proto/index.js';
import type { Value } from '../../../src/graph/value.js';
import { bindings } from '../evaluate.js';

/** What became of a file. */
export type Verdict =
  /** One complaint, of the file. */
  | 'refused'
  /** Read, and nothing to compare with: ONNX Runtime refuses it, or it has no numbers that are finite. */
  | 'read'
  | 'agrees'
  | 'wrong'
  /** An error that is none of the file's. */
  | 'crash';

export interface Judgement {
  readonly verdict: Verdict;
  readonly says: string;
}

/** Difference over the largest number that float32 explains. */
const AGREES = 1e-3;
const DRAWS = 3;
/** Numbers from here on have intermediate ones that float32 has not. */
const OVERFLOWS = 1e30;
/** Elements of a value that the oracle computes. */
const LARGEST = 2 ** 16;

/** `before` is told what is done next, so that a process that ends says in what. */
export async function judge(
  bytes: Uint8Array,
  before: (part: 'fim' | 'ort') => void = () => undefined,
): Promise<Judgement> {
  before('fim');
  let read: Read;
  try {
    read = readFile(bytes);
  } catch (error) {
    return ofError(error);
  }
  before('ort');
  const session = await sessionOf(bytes, 'all');
  if (!session) return { verdict: 'read', says: 'ONNX Runtime refuses it' };
  try {
    return await compared(read, bytes, session, before);
  } finally {
    await session.release();
  }
}

function ofError(error: unknown): Judgement {
  const complaint = error instanceof FimError && error.kind !== 'internal';
  const says = complaint ? error.code : String(error instanceof Error ? error.stack : error);
  return { verdict: complaint ? 'refused' : 'crash', says };
}

/** A file that is read, with one of its outputs. */
interface Read {
  readonly model: ImportedModel;
  readonly name: string;
  readonly value: Value;
  readonly n: number;
}

function readFile(bytes: Uint8Array): Read {
  const model = importModel(bytes, { dtype: 'float64' });
  model.coverage();
  const [name] = model.outputs.map((o) => o.name);
  const value = model.value(name);
  return { model, name, value, n: model.fixedBatch ?? 2 };
}

async function compared(
  { model, name, value, n }: Read,
  bytes: Uint8Array,
  session: ort.InferenceSession,
  before: (part: 'fim' | 'ort') => void,
): Promise<Judgement> {
  const large = nodesOf([value]).some((v) => sizeOf(concrete(v.output.shape, n)) > LARGEST);
  if (large) return { verdict: 'read', says: 'too large to compute' };
  let says = '';
  for (let draw = 0; draw < DRAWS; draw++) {
    const feeds = drawn(model, n, draw);
    let got: Numbers;
    before('fim');
    try {
      got = computed(value, bindings(model, [value], feeds), n);
    } catch (error) {
      return ofError(error);
    }
    before('ort');
    const want = await outputOf(session, name, feeds);
    if (!want) return { verdict: 'read', says: 'ONNX Runtime does not run it' };
    const difference = differenceOf(got, want);
    if (difference === null) return { verdict: 'agrees', says: '' };
    says = difference;
  }
  const deviation = unspecified(bytes, value, bindings(model, [value], drawn(model, n, 0)), n);
  if (deviation !== null) return { verdict: 'read', says: deviation };
  const plain = await sessionOf(bytes, 'disabled');
  try {
    const feeds = drawn(model, n, 0);
    const want = plain && (await outputOf(plain, name, feeds));
    const got = computed(value, bindings(model, [value], feeds), n);
    if (!want || differenceOf(got, want) === null)
      return { verdict: 'agrees', says: 'without the optimiser of ONNX Runtime' };
  } finally {
    await plain?.release();
  }
  return { verdict: 'wrong', says };
}

/** The numbers of a value in the file's order: rows a·N·b are held N·a·b. */
function computed(value: Value, inputs: ReadonlyMap<Value, Tensor>, n: number): Numbers {
  const [numbers] = evaluate([value], inputs, n);
  const axis = batchAxis(value.shape);
  const slow = axis < 0 ? 1 : slowOf(value.shape[axis] as BatchDim);
  if (slow === 1) return numbers;
  const { shape, data } = numbers;
  const behind = sizeOf(shape.slice(axis)) / n / slow;
  const ordered = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const inner = i % behind;
    const a = Math.floor(i / behind) % slow;
    const example = Math.floor(i / behind / slow) % n;
    const outer = Math.floor(i / behind / slow / n);
    ordered[((outer * slow + a) * n + example) * behind + inner] = data[i];
  }
  return { shape, data: ordered };
}

function drawn(model: ImportedModel, n: number, draw: number): Record<string, Tensor> {
  return Object.fromEntries(
    model.inputs.map(({ name, value }): [string, Tensor] => {
      const s = new Sequence(draw, name);
      const shape = concrete(value.shape, n);
      const [low, high] = isFloat(value.dtype) ? [-2, 2] : [0, 3];
      const data = Array.from({ length: sizeOf(shape) }, () => {
        const x = low + (high - low) * s.next();
        return isFloat(value.dtype) ? Math.fround(x) : value.dtype === 'bool' ? Number(x > 1) : Math.floor(x);
      });
      return [name, tensor(isFloat(value.dtype) ? 'float32' : value.dtype, shape, data)];
    }),
  );
}

async function sessionOf(bytes: Uint8Array, level: 'all' | 'disabled'): Promise<ort.InferenceSession | null> {
  try {
    return await ort.InferenceSession.create(bytes, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
      graphOptimizationLevel: level,
    });
  } catch {
    return null;
  }
}

async function outputOf(
  session: ort.InferenceSession,
  name: string,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Numbers | null> {
  try {
    const given = Object.fromEntries(
      session.inputMetadata.map((meta) => {
        const t = feeds[meta.name];
        const doubled = meta.isTensor && meta.type === 'float64' && t.dtype === 'float32';
        const data = doubled ? Float64Array.from(t.data as Float32Array) : t.data;
        return [meta.name, new ort.Tensor(doubled ? 'float64' : t.dtype, data as Float32Array, t.shape)];
      }),
    );
    const { [name]: result } = await session.run(given, [name]);
    return { shape: [...result.dims], data: Float64Array.from(result.data as Float32Array, Number) };
  } catch {
    return null;
  }
}

/** A difference that says nothing: the specification leaves the answer open, or ONNX Runtime departs from it. Else null. */
function unspecified(
  bytes: Uint8Array,
  value: Value,
  inputs: ReadonlyMap<Value, Tensor>,
  n: number,
): string | null {
  const inner = nodesOf([value]).map((v) => v.output);
  const numbers = evaluate(inner, inputs, n);
  if (numbers.some((v) => v.data.some(Number.isNaN))) return 'a number on the way is none';
  if (numbers.some((v) => v.data.length === 0)) return 'a value without elements on the way';
  if (numbers.some((v) => v.data.some((x) => Math.abs(x) > FLOAT32)))
    return 'a number on the way that float32 has not';
  if (numbers.some((v, i) => v.data.some((x) => beyond(x, inner[i].dtype))))
    return 'a whole number beyond its type';
  const { graph } = decodeModel(bytes, { file: 'mutant' });
  // Lengths of no step, labels of no class.
  const below = numbers.some((v, i) => !isFloat(inner[i].dtype) && v.data.some((x) => x < 1));
  if (below && graph.nodes.some((v) => COUNTING.has(v.opType))) return 'a length or a label that is none';
  for (const { opType, attributes, inputs: operands } of graph.nodes) {
    const int = (name: string): number => (attributes[name]?.type === 'int' ? attributes[name].value : NaN);
    if (opType === 'TopK' && int('sorted') === 0) return 'TopK in any order';
    const mode = attributes.coordinate_transformation_mode;
    // ONNX divides by scale · length − 1 (its backend suite, resize_…_scales_…_align_corners), ONNX Runtime by the whole part less 1.
    if (opType === 'Resize' && mode?.type === 'string' && ENDS.has(mode.value))
      return 'Resize to a length that is not whole';
    const last = graph.initializers.find((t) => t.name === 'last');
    if (opType === 'GroupQueryAttention' && last && isDense(last) && Number(last.data[0]) !== WHOLE - 1)
      return 'GroupQueryAttention of shorter sequences, behind their end';
    // ONNX Runtime reads beyond the operand.
    const pads = graph.initializers.find((t) => t.name === operands[1]);
    const most = pads && isDense(pads) ? Math.max(...toFloat64(pads)) : 0;
    if (opType === 'Pad' && attributes.mode?.type === 'string' && most > LONGEST_WRAP)
      return 'Pad that wraps around more than once';
  }
  return null;
}

/** Steps of the sequences in the cases of grouped attention. */
const WHOLE = 3;
const FLOAT32 = 2 ** 128;

/** Whether a whole number has no place in its type: what a cast makes of it is nowhere said. */
function beyond(x: number, dtype: DType): boolean {
  if (isFloat(dtype) || dtype === 'bool') return false;
  const [low, high] = RANGES[dtype] ?? [-(2 ** 53), 2 ** 53];
  return x < low || x > high;
}

const RANGES: Partial<Record<DType, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  int32: [-(2 ** 31), 2 ** 31 - 1],
};

/** Operators that read lengths or labels. */
const COUNTING = new Set(['RNN', 'GRU', 'LSTM', 'SoftmaxCrossEntropyLoss', 'NegativeLogLikelihoodLoss']);

/** Axes of what is padded are no longer. */
const LONGEST_WRAP = 5;

/** Coordinates that are counted from the last element. */
const ENDS = new Set(['align_corners', 'tf_crop_and_resize']);

/** Null where both agree or neither has a number; else what differs. */
function differenceOf(got: Numbers, want: Numbers): string | null {
  // A batch of one that the file squeezes away stays.
  const [p, q] = [got, want].map(({ shape }) =>
    (got.shape.includes(1) ? shape.filter((d) => d !== 1) : shape).join(),
  );
  if (p !== q) return `shape ${got.shape.join()} for ${want.shape.join()}`;
  let [scale, error, at] = [1, 0, 0];
  for (let i = 0; i < want.data.length; i++) {
    const [a, b] = [Math.fround(got.data[i]), want.data[i]];
    if (Object.is(a, b) || Number.isNaN(a) || Number.isNaN(b)) continue;
    if (Math.abs(b) === Infinity && Math.abs(a) > OVERFLOWS) continue;
    if (Math.abs(b) !== Infinity) scale = Math.max(scale, Math.abs(b));
    const difference = Math.abs(a - b);
    if (difference > error) [error, at] = [difference, i];
  }
  return error <= AGREES * scale ? null : `${got.data[at]} for ${want.data[at]} at ${at}`;
}
