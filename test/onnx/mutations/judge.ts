/**
 * @module test/onnx/mutations/judge
 *
 * Judgement of a mutated file: it is refused by one complaint, or read, computed by the oracle in float64 and compared with ONNX Runtime
 * where that loads and runs it, output by output. A number is wrong where three draws of the inputs each show a difference that float32
 * does not explain, none of them with a number on the way that is open, and none behind a node whose answer is.
 */
import * as ort from 'onnxruntime-node';
import { FimError } from '../../../src/core/errors.js';
import { Sequence } from '../../../src/core/random.js';
import { isFloat, sizeOf, type Tensor, tensor } from '../../../src/core/tensor.js';
import { evaluate } from '../../../src/engine/oracle/evaluate.js';
import { nodesOf } from '../../../src/graph/derive.js';
import { batchAxis, type BatchDim, concrete, slowOf } from '../../../src/graph/dims.js';
import type { Numbers } from '../../../src/graph/operator.js';
import { type ImportedModel, importDecoded } from '../../../src/graph/onnx/index.js';
import { decodeModel, type OnnxGraph } from '../../../src/graph/onnx/proto/index.js';
import type { Value } from '../../../src/graph/value.js';
import { bindings } from '../evaluate.js';
import { differenceOf, strayNumber, tells } from './numbers.js';
import { openAnswer } from './open-answers.js';

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

/** Draws that tell something, of which each is to show the difference, and those that are tried for them. */
const DRAWS = 3;
const TRIED = 9;
/** Ranges of the numbers of a draw: some keep roots, logarithms and growing powers where they have numbers. */
const RANGES: readonly (readonly [number, number])[] = [
  [-2, 2],
  [-2, 2],
  [-2, 2],
  [0.1, 2],
  [-0.5, 0.5],
  [1, 3],
];
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

/** An output that is read. */
interface Output {
  readonly name: string;
  readonly value: Value;
}

/** A file with the outputs of it that are read. */
interface Read {
  readonly model: ImportedModel;
  readonly graph: OnnxGraph;
  readonly outputs: readonly Output[];
  readonly n: number;
}

function readFile(bytes: Uint8Array): Read {
  const decoded = decodeModel(bytes, { file: 'mutant' });
  const model = importDecoded(decoded, { dtype: 'float64' });
  model.coverage();
  let refusal: FimError | null = null;
  const outputs = model.outputs.flatMap(({ name }): Output[] => {
    try {
      return [{ name, value: model.value(name) }];
    } catch (error) {
      if (!(error instanceof FimError) || error.kind === 'internal') throw error;
      refusal ??= error;
      return [];
    }
  });
  if (outputs.length === 0 && refusal) throw refusal as FimError;
  return { model, graph: decoded.graph, outputs, n: model.fixedBatch ?? 2 };
}

/** The worst of all outputs; they agree where one does and none differs. */
async function compared(
  read: Read,
  bytes: Uint8Array,
  session: ort.InferenceSession,
  before: (part: 'fim' | 'ort') => void,
): Promise<Judgement> {
  const all: Judgement[] = [];
  for (const output of read.outputs) all.push(await comparedOutput(read, output, bytes, session, before));
  const first = (verdict: Verdict): Judgement | undefined => all.find((j) => j.verdict === verdict);
  return (
    first('crash') ??
    first('wrong') ??
    first('agrees') ??
    all[0] ?? { verdict: 'read', says: 'it has no output' }
  );
}

async function comparedOutput(
  { model, graph, n }: Read,
  { name, value }: Output,
  bytes: Uint8Array,
  session: ort.InferenceSession,
  before: (part: 'fim' | 'ort') => void,
): Promise<Judgement> {
  const large = nodesOf([value]).some((v) => sizeOf(concrete(v.output.shape, n)) > LARGEST);
  if (large) return { verdict: 'read', says: 'too large to compute' };
  const telling: { feeds: Record<string, Tensor>; got: Computed }[] = [];
  let says = '';
  let silent = 'no number is finite';
  for (let draw = 0; draw < TRIED && telling.length < DRAWS; draw++) {
    const feeds = drawn(model, n, draw);
    const inputs = bindings(model, [value], feeds);
    let got: Computed;
    before('fim');
    try {
      got = computed(value, inputs, n);
    } catch (error) {
      return ofError(error);
    }
    before('ort');
    const want = await outputOf(session, name, feeds);
    if (!want) return { verdict: 'read', says: 'ONNX Runtime does not run it' };
    // ONNX Runtime reduces a tensor without elements to its own shape.
    if (got.data.length + want.data.length === 0) return { verdict: 'read', says: 'it has no elements' };
    const difference = differenceOf(asSqueezed(got, want), want);
    if (difference === null && tells(want)) return { verdict: 'agrees', says: '' };
    if (difference === null) continue;
    const open = strayNumber(value, inputs, n) ?? openAnswer({ model, graph, feeds, n }, name);
    if (open !== null) silent = open;
    else telling.push({ feeds, got });
    says = difference;
  }
  if (telling.length < DRAWS) return { verdict: 'read', says: silent };
  const plain = await sessionOf(bytes, 'disabled');
  try {
    const want = plain && (await outputOf(plain, name, telling[0].feeds));
    if (!want) return { verdict: 'read', says: 'ONNX Runtime does not run it without its optimiser' };
    if (differenceOf(asSqueezed(telling[0].got, want), want) === null)
      return { verdict: 'agrees', says: 'without the optimiser of ONNX Runtime' };
  } finally {
    await plain?.release();
  }
  return { verdict: 'wrong', says };
}

/** Numbers with the axis of the examples, −1 where they have none. */
interface Computed extends Numbers {
  readonly axis: number;
}

/** The numbers of a value in the file's order: rows a·N·b are held N·a·b. */
function computed(value: Value, inputs: ReadonlyMap<Value, Tensor>, n: number): Computed {
  const [{ shape, data }] = evaluate([value], inputs, n);
  const axis = batchAxis(value.shape);
  const slow = axis < 0 ? 1 : slowOf(value.shape[axis] as BatchDim);
  if (slow === 1) return { shape, data, axis };
  const behind = sizeOf(shape.slice(axis)) / n / slow;
  const ordered = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const inner = i % behind;
    const a = Math.floor(i / behind) % slow;
    const example = Math.floor(i / behind / slow) % n;
    const outer = Math.floor(i / behind / slow / n);
    ordered[((outer * slow + a) * n + example) * behind + inner] = data[i];
  }
  return { shape, data: ordered, axis };
}

/** A batch of one that the file squeezes away stays here: the numbers without it. */
const asSqueezed = (got: Computed, { shape }: Numbers): Numbers =>
  got.axis >= 0 && got.shape[got.axis] === 1 && got.shape.length === shape.length + 1
    ? { shape: got.shape.filter((_, i) => i !== got.axis), data: got.data }
    : got;

function drawn(model: ImportedModel, n: number, draw: number): Record<string, Tensor> {
  return Object.fromEntries(
    model.inputs.map(({ name, value }): [string, Tensor] => {
      const s = new Sequence(draw, name);
      const shape = concrete(value.shape, n);
      const [low, high] = isFloat(value.dtype) ? RANGES[draw % RANGES.length] : [0, 3];
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
