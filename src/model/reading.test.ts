import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bindings, worstError } from '../../test/onnx/evaluate.js';
import { bytesOf, f32, i64, info, int, ints, node } from '../../test/onnx/builder.js';
import { complaintOf } from '../../test/fixtures/data/index.js';
import { runOrt } from '../../test/onnx/runtime.js';
import { Sequence } from '../core/random.js';
import { sizeOf, type Tensor } from '../core/tensor.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import { axisOf, type ImportedModel } from '../graph/onnx/index.js';
import { readModel, type ReadOptions } from './reading.js';

const AXES = new URL('../../test/fixtures/onnx-axes/', import.meta.url);
const bytesIn = (name: string): Uint8Array => readFileSync(new URL(`${name}.onnx`, AXES));

const read = (bytes: Uint8Array, options: Partial<ReadOptions> = {}) =>
  readModel(bytes, { file: 'model.onnx', dtype: 'float64', ...options });

const EXAMPLES = 4;

function draw(name: string, shape: readonly number[]): Tensor {
  const s = new Sequence(5, name);
  return f32(
    shape,
    Array.from({ length: sizeOf(shape) }, () => Math.fround(2 * s.next() - 1)),
  );
}

/** One array for every input, examples first. */
function feedsFor(model: ImportedModel): Record<string, Tensor> {
  const shape = (v: { readonly shape: readonly unknown[] }) => [EXAMPLES, ...(v.shape.slice(1) as number[])];
  return Object.fromEntries(model.inputs.map(({ name, value }) => [name, draw(name, shape(value))]));
}

/** The file run by ONNX Runtime for one example after the other: h of each, one behind the other. */
async function oneByOne(
  bytes: Uint8Array,
  model: ImportedModel,
  feeds: Readonly<Record<string, Tensor>>,
  known: Readonly<Record<string, Tensor>>,
): Promise<number[]> {
  const out: number[] = [];
  for (let n = 0; n < EXAMPLES; n++) {
    const own = Object.entries(feeds).map(([name, t]): [string, Tensor] => {
      const size = sizeOf(t.shape.slice(1));
      const axis = axisOf(model.reading, name);
      const shape = t.shape.slice(1);
      if (axis !== null) shape.splice(axis, 0, 1);
      return [name, f32(shape, Array.from(t.data as Float32Array).slice(n * size, (n + 1) * size))];
    });
    const { h } = await runOrt(bytes, { ...known, ...Object.fromEntries(own) }, ['h']);
    out.push(...(h.data as Float32Array));
  }
  return out;
}

interface Readable {
  readonly name: string;
  readonly axes: Readonly<Record<string, number | null>>;
  readonly options?: Partial<ReadOptions>;
}

const READABLE: Readable[] = [
  { name: 'seqfirst_attn_dynN', axes: { x: 1 } },
  { name: 'seqfirst_attn_fixed', axes: { x: 1 } },
  { name: 'seqfirst_cell_fixed', axes: { x: 1 } },
  { name: 'state_second_axis', axes: { x: 0, state: 1 } },
  { name: 'squeezed', axes: { x: 0 } },
  { name: 'nobatch', axes: { x: null } },
  { name: 'fixed1', axes: { x: 0 } },
  { name: 'scalar_input', axes: { x: 0 }, options: { constant: { sr: 0.5 } } },
  { name: 'token_mlp_batchfirst', axes: { x: 0 } },
  { name: 'cls_expand', axes: { x: 0 } },
];

describe('files whose examples lie anywhere', () => {
  for (const { name, axes, options } of READABLE) {
    it(`${name} gives for several examples what it gives for each alone`, async () => {
      const bytes = bytesIn(name);
      const { model } = read(bytes, options);
      const said = Object.fromEntries(model.inputs.map((i) => [i.name, axisOf(model.reading, i.name)]));
      expect(said).toEqual(axes);
      const feeds = feedsFor(model);
      const h = model.value('h');
      const [{ data }] = evaluate([h], bindings(model, [h], feeds), EXAMPLES);
      const known = Object.entries(options?.constant ?? {}).map(([k, v]): [string, Tensor] => [
        k,
        f32([], [v]),
      ]);
      const want = await oneByOne(bytes, model, feeds, Object.fromEntries(known));
      expect(worstError(data, want)).toBeLessThan(1e-6);
    });
  }

  it('a file for seven is read for any number', async () => {
    const { model, notes } = read(bytesIn('fixed7'));
    expect(model.fixedBatch).toBe(7);
    expect(notes).toEqual([]);
    const x = draw('x', [7, 3, 4]);
    const h = model.value('h');
    const [{ data }] = evaluate([h], bindings(model, [h], { x }), 7);
    const { h: want } = await runOrt(bytesIn('fixed7'), { x });
    expect(worstError(data, want.data as Float32Array)).toBeLessThan(1e-6);
  });
});

describe('what is open', () => {
  it('two readings are asked, naming both and the setting', () => {
    const e = complaintOf(() => read(bytesIn('seqfirst_token_mlp_fixed')));
    expect(e.code).toBe('onnx/two-readings');
    expect(e.exitCode).toBe(2);
    expect(e.message).toMatch(/axis 0, of length 5 or along axis 1, of length 1/);
    expect(e.complaint.next).toBe('`batchAxis: { x: 0 }` or `batchAxis: { x: 1 }`');
  });

  it('an operator that is not covered is said before an axis is asked for', () => {
    const bytes = bytesOf({
      inputs: [info('x', 'float32', [4, 6, 5])],
      outputs: ['h'],
      nodes: [node('MelWeightMatrix', ['x'], 'h')],
    });
    const { model } = read(bytes);
    expect(complaintOf(() => model.value('h')).code).toBe('onnx/operators');
  });

  it('the setting decides, or the data do', () => {
    const bytes = bytesIn('seqfirst_token_mlp_fixed');
    const shapeAt = (options: Partial<ReadOptions>) => read(bytes, options).model.value('h').shape;
    expect(shapeAt({ batchAxis: { x: 1 } })).toEqual([5, { batch: 1 }, 3]);
    expect(shapeAt({ batchAxis: { x: 0 } })).toEqual([{ batch: 1 }, 1, 3]);
    expect(shapeAt({ arrays: () => new Map([['x', [5, 200, 4]]]) })).toEqual([5, { batch: 1 }, 3]);
    expect(shapeAt({ arrays: () => new Map([['x', [200, 1, 4]]]) })).toEqual([{ batch: 1 }, 1, 3]);
    expect(shapeAt({ arrays: () => new Map([['x', [200, 5, 4]]]) })).toEqual([5, { batch: 1 }, 3]);
  });

  const tokens = (shape: (string | number | null)[]) =>
    bytesOf({
      inputs: [info('x', 'float32', shape)],
      outputs: ['h'],
      nodes: [node('MatMul', ['x', 'w'], 'z'), node('ReduceSum', ['z', 'a'], 'h', { keepdims: int(0) })],
      weights: { w: draw('w', [4, 3]), a: i64(1) },
    });

  it('lengths come from the data or are said', () => {
    const bytes = tokens(['batch', 'sequence', 4]);
    expect(complaintOf(() => read(bytes)).complaint.next).toContain("`inputShape: { x: 'N,8,4' }`");
    const one = read(bytes, { inputShape: { x: 'N,6,4' } });
    expect(one.model.inputs[0].value.shape).toEqual([{ batch: 1 }, 6, 4]);
    expect(one.notes).toEqual(['of input "x" axis 1 has the length 6']);
    const other = read(bytes, { arrays: () => new Map([['x', [20, 9, 4]]]) });
    expect(other.model.inputs[0].value.shape).toEqual([{ batch: 1 }, 9, 4]);
  });

  it('a symbol has one length, whichever input says it', () => {
    const bytes = bytesOf({
      inputs: [info('x', 'float32', ['batch', 'sequence']), info('m', 'float32', ['batch', 'sequence'])],
      outputs: ['h'],
      nodes: [node('Mul', ['x', 'm'], 'h')],
      weights: {},
    });
    const { model } = read(bytes, { arrays: () => new Map([['x', [20, 9]]]) });
    expect(model.inputs.map((i) => i.value.shape)).toEqual([
      [{ batch: 1 }, 9],
      [{ batch: 1 }, 9],
    ]);
  });

  it('a symbol that says batch decides between two open axes', () => {
    const bytes = bytesOf({
      inputs: [info('x', 'float32', ['sequence', 'batch', 4])],
      outputs: ['h'],
      nodes: [node('ReduceMean', ['x'], 'h', { axes: ints(0), keepdims: int(0) })],
      weights: {},
    });
    const { model, notes } = read(bytes, { arrays: () => new Map([['x', [9, 20, 4]]]) });
    expect(model.inputs[0].value.shape).toEqual([{ batch: 1 }, 9, 4]);
    expect(notes).toEqual([
      'the examples lie along axis 1 of input "x"',
      'of input "x" axis 0 has the length 9',
    ]);
  });

  it('an open axis along which examples would mix is a length', () => {
    const bytes = tokens([1, 'time', 4]);
    const { model } = read(bytes, { arrays: () => new Map([['x', [30, 7, 4]]]) });
    expect(model.inputs[0].value.shape).toEqual([{ batch: 1 }, 7, 4]);
  });

  it('what is said is held against the file', () => {
    const bytes = tokens(['n', 5, 4]);
    const codeOf = (options: Partial<ReadOptions>) => complaintOf(() => read(bytes, options)).code;
    expect(codeOf({ batchAxis: { y: 0 } })).toBe('onnx/input-name');
    expect(codeOf({ batchAxis: { x: 3 } })).toBe('onnx/batch-axis');
    expect(codeOf({ inputShape: { x: 'N,6,4' } })).toBe('onnx/said-shape');
    expect(codeOf({ inputShape: { x: 'N,4' } })).toBe('onnx/said-shape');
    expect(codeOf({ inputShape: { x: 'N,N,4' } })).toBe('onnx/said-shape');
    expect(codeOf({ inputShape: { x: 'N,five,4' } })).toBe('onnx/said-shape');
    expect(codeOf({ batchAxis: { x: 1 } })).toBe('onnx/dynamic-axis');
    expect(read(bytes, { batchAxis: { x: -3 } }).model.reading.axes.get('x')).toBe(0);
  });
});

describe('where symbols cannot say whether examples mix', () => {
  it('numbers do, and the message says what was tested', () => {
    const mixing = bytesOf({
      inputs: [info('x', 'float32', ['n', 4])],
      outputs: ['h'],
      nodes: [node('ReduceMean', ['x'], 'm', { axes: ints(0) }), node('Sub', ['x', 'm'], 'h')],
      weights: {},
    });
    const mixed = complaintOf(() => read(mixing));
    expect(mixed.code).toBe('graph/examples-coupled');
    expect(mixed.message).toMatch(/tested with 3 random examples: the output of example 1 moved from/);

    const apart = bytesOf({
      inputs: [info('x', 'float32', [2, 4])],
      outputs: ['h'],
      nodes: [
        node('Split', ['x'], ['p', 'q'], { axis: int(0) }),
        node('Tanh', ['p'], 'a'),
        node('Tanh', ['q'], 'b'),
        node('Concat', ['a', 'b'], 'h', { axis: int(0) }),
      ],
      weights: {},
    });
    const independent = complaintOf(() => read(apart));
    expect(independent.code).toBe('graph/examples-coupled');
    expect(independent.kind).toBe('unsupported');
    expect(independent.message).toMatch(/tested with 2 random examples: no output moved/);
  });
});

describe('rows baked for a batch', () => {
  const withRows = (rows: readonly number[]) =>
    bytesOf({
      inputs: [info('x', 'float32', [3, 2])],
      outputs: ['h'],
      nodes: [node('Add', ['x', 'c'], 'h')],
      weights: { c: f32([3, 2], rows) },
    });

  it('are one row where they are equal', () => {
    const { model } = read(withRows([1, 2, 1, 2, 1, 2]));
    const h = model.value('h');
    const x = draw('x', [5, 2]);
    const [{ data }] = evaluate([h], bindings(model, [h], { x }), 5);
    expect(Array.from(data)).toEqual(Array.from(x.data as Float32Array, (v, i) => v + 1 + (i % 2)));
    expect(model.notes.join()).toMatch(/3 equal rows/);
  });

  it('are one row where they are computed from the file alone, and are many', () => {
    const rows = Array.from({ length: 3 * 40 }, (_, i) => (i % 40) / 40);
    const bytes = bytesOf({
      inputs: [info('x', 'float32', [3, 40])],
      outputs: ['h'],
      nodes: [node('Softmax', ['c'], 's', { axis: int(1) }), node('Add', ['x', 's'], 'h')],
      weights: { c: f32([3, 40], rows) },
    });
    const { model } = read(bytes);
    const h = model.value('h');
    const x = draw('x', [5, 40]);
    const [{ data }] = evaluate([h], bindings(model, [h], { x }), 5);
    const whole = rows.slice(0, 40).reduce((sum, v) => sum + Math.exp(v), 0);
    const want = Array.from(x.data as Float32Array, (v, i) => v + Math.exp(rows[i % 40]) / whole);
    expect(worstError(data, want)).toBeLessThan(1e-6);
    expect(model.notes.join()).toMatch(/3 equal rows/);
  });

  it('are refused where they differ', () => {
    expect(complaintOf(() => read(withRows([1, 2, 1, 2, 1, 3]))).code).toBe('graph/examples-coupled');
  });
});
