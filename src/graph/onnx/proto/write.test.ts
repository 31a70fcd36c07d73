import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FloatType } from '../../../core/tensor.js';
import { FimError } from '../../../core/errors.js';
import { Sequence } from '../../../core/random.js';
import {
  decodeModel,
  encodeModel,
  encodeModelWithData,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
} from './index.js';

const D = 5;
const C = 3;

function node(
  opType: string,
  inputs: string[],
  outputs: string[],
  attributes: Record<string, OnnxAttribute> = {},
): OnnxNode {
  return { name: `/${opType}/${outputs[0]}`, opType, domain: '', inputs, outputs, attributes };
}

function model(graph: Partial<OnnxGraph>): OnnxModel {
  const empty: OnnxGraph = { name: 'g', nodes: [], initializers: [], inputs: [], outputs: [], valueInfo: [] };
  return {
    irVersion: 8,
    producerName: 'fim',
    producerVersion: '',
    opsets: [{ domain: '', version: 17 }],
    metadata: { likelihood: 'categorical' },
    graph: { ...empty, ...graph },
  };
}

function values(dtype: FloatType, n: number, name: string): Float32Array | Float64Array {
  const s = new Sequence(3, `onnx write ${name}`);
  const array = dtype === 'float32' ? new Float32Array(n) : new Float64Array(n);
  return array.map(() => s.normal());
}

const weight = (dtype: FloatType, name: string, shape: number[]): OnnxTensor => ({
  name,
  dtype,
  shape,
  data: values(
    dtype,
    shape.reduce((a, b) => a * b, 1),
    name,
  ),
});

/** h = x W + b. */
function linear(dtype: FloatType): OnnxModel {
  return model({
    nodes: [node('MatMul', ['x', 'W'], ['xW']), node('Add', ['xW', 'b'], ['h'])],
    initializers: [weight(dtype, 'W', [D, C]), weight(dtype, 'b', [C])],
    inputs: [{ name: 'x', elemType: dtype, shape: ['n', D] }],
    outputs: [{ name: 'h', elemType: dtype, shape: ['n', C] }],
    valueInfo: [{ name: 'xW', elemType: dtype, shape: [null, C] }],
  });
}

async function run(source: Uint8Array | string, feeds: Record<string, ort.Tensor>): Promise<ort.Tensor> {
  const options = { intraOpNumThreads: 1, logSeverityLevel: 3 as const };
  const session =
    typeof source === 'string'
      ? await ort.InferenceSession.create(source, options)
      : await ort.InferenceSession.create(source, options);
  const { h } = await session.run(feeds);
  await session.release();
  return h;
}

/** Checks ONNX Runtime's h against x W + b by hand, to within the rounding of D products and sums. */
function expectLinear(dtype: FloatType, m: OnnxModel, x: Float32Array | Float64Array, h: ort.Tensor): void {
  const [W, b] = m.graph.initializers.map((t) => t.data as Float32Array | Float64Array);
  const n = x.length / D;
  expect(h.dims).toEqual([n, C]);
  const unit = (dtype === 'float32' ? 2 ** -24 : 2 ** -53) * (D + 1);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < C; c++) {
      let sum = b[c];
      let scale = Math.abs(sum);
      for (let d = 0; d < D; d++) {
        const term = x[i * D + d] * W[d * C + c];
        sum += term;
        scale += Math.abs(term);
      }
      expect(Math.abs(Number(h.data[i * C + c]) - sum)).toBeLessThanOrEqual(unit * scale);
    }
  }
}

const tensorOf = (dtype: FloatType, x: Float32Array | Float64Array): ort.Tensor =>
  new ort.Tensor(dtype, x, [x.length / D, D]);

describe('ONNX Runtime reads what the writer makes', () => {
  let folder = '';
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'fim-onnx-'))));
  afterAll(async () => rm(folder, { recursive: true }));

  it.each(['float32', 'float64'] as const)('MatMul and Add in %s', async (dtype) => {
    const m = linear(dtype);
    const x = values(dtype, 4 * D, 'x');
    expectLinear(dtype, m, x, await run(encodeModel(m), { x: tensorOf(dtype, x) }));
  });

  it('weights in a second file', async () => {
    const m = linear('float32');
    const {
      model: bytes,
      data,
      location,
    } = encodeModelWithData(m, { externalThreshold: 0, location: 'w.bin' });
    const path = join(folder, 'model.onnx');
    await writeFile(path, bytes);
    await writeFile(join(folder, location), data);
    const x = values('float32', 2 * D, 'x');
    expectLinear('float32', m, x, await run(path, { x: tensorOf('float32', x) }));
    const held = await readFile(join(folder, location));
    expect(decodeModel(await readFile(path), { external: () => held })).toStrictEqual(m);
  });

  it('every kind of attribute that operators of ONNX take', async () => {
    // h = x in reverse order of columns, its ends cut off by sentinels, plus 0.5 on one branch of an If.
    const constant = (name: string, attribute: Record<string, OnnxAttribute>): OnnxNode =>
      node('Constant', [], [name], attribute);
    const branch = (value: number): OnnxGraph => ({
      ...model({}).graph,
      name: `plus ${value}`,
      nodes: [
        constant('shift', { value_float: { type: 'float', value } }),
        node('Add', ['t', 'shift'], ['r']),
      ],
      outputs: [{ name: 'r', elemType: 'float32', shape: null }],
    });
    const one = (name: string, v: bigint): OnnxTensor => ({
      name,
      dtype: 'int64',
      shape: [1],
      data: BigInt64Array.of(v),
    });
    const m = model({
      nodes: [
        constant('start', { value: { type: 'tensor', value: one('', -1n) } }),
        constant('end', { value_ints: { type: 'ints', value: [-(2 ** 63)] } }),
        constant('stop', { value_ints: { type: 'ints', value: [2 ** 63] } }),
        node('Slice', ['x', 'start', 'end', 'one', 'start'], ['reversed']),
        node('Slice', ['reversed', 'two', 'stop', 'one'], ['cut']),
        node('Transpose', ['cut'], ['t'], { perm: { type: 'ints', value: [1, 0] } }),
        node('If', ['yes'], ['h'], {
          then_branch: { type: 'graph', value: branch(0.5) },
          else_branch: { type: 'graph', value: branch(100) },
        }),
      ],
      initializers: [
        one('one', 1n),
        one('two', 2n),
        { name: 'yes', dtype: 'bool', shape: [], data: Uint8Array.of(1) },
      ],
      inputs: [{ name: 'x', elemType: 'float32', shape: [1, D] }],
      outputs: [{ name: 'h', elemType: 'float32', shape: null }],
    });
    const x = Float32Array.of(1, 2, 3, 4, 5);
    const h = await run(encodeModel(m), { x: tensorOf('float32', x) });
    expect(h.dims).toEqual([3, 1]);
    expect([...(h.data as Float32Array)]).toEqual([3.5, 2.5, 1.5]);
  });

  it('initialisers of every element type', async () => {
    const m = linear('float32');
    const data = Uint8Array.from({ length: 16 }, (_, k) => k);
    const extra: OnnxTensor[] = [
      { name: 'i32', dtype: 'int32', shape: [1], data: Int32Array.of(-5) },
      { name: 'i8', dtype: 'int8', shape: [2], data: Int8Array.of(-5, 5) },
      { name: 'u8', dtype: 'uint8', shape: [2], data: Uint8Array.of(250, 5) },
      { name: 'u16', dtype: 'uint16', shape: [8], data },
      { name: 'u64', dtype: 'uint64', shape: [2], data },
      { name: 'text', dtype: 'string', shape: [2], data: new Uint8Array(0), strings: ['a', 'b'] },
    ];
    const outputs = extra.map((t) => ({ name: `${t.name}.out`, elemType: t.dtype, shape: t.shape }));
    const graph: OnnxGraph = {
      ...m.graph,
      initializers: [...m.graph.initializers, ...extra],
      nodes: [...m.graph.nodes, ...extra.map((t) => node('Identity', [t.name], [`${t.name}.out`]))],
      outputs: [...m.graph.outputs, ...outputs],
    };
    const session = await ort.InferenceSession.create(encodeModel({ ...m, graph }), { logSeverityLevel: 3 });
    const out = await session.run({ x: tensorOf('float32', new Float32Array(D)) });
    expect(out['i32.out'].data).toEqual(Int32Array.of(-5));
    expect(out['i8.out'].data).toEqual(Int8Array.of(-5, 5));
    expect(out['u8.out'].data).toEqual(Uint8Array.of(250, 5));
    expect(out['u16.out'].data).toEqual(new Uint16Array(data.buffer));
    expect(out['u64.out'].data).toEqual(new BigUint64Array(data.buffer));
    expect(out['text.out'].data).toEqual(['a', 'b']);
    await session.release();
  });
});

describe('what cannot be written is said', () => {
  const codeOf = (change: (m: OnnxModel) => OnnxModel): string => {
    try {
      encodeModel(change(linear('float32')));
    } catch (e) {
      if (e instanceof FimError) return e.code;
      throw e;
    }
    return 'written';
  };
  const withWeight = (t: OnnxTensor) => (m: OnnxModel) => ({
    ...m,
    graph: { ...m.graph, initializers: [t] },
  });
  const data = new Float32Array(4);

  it.each<[string, (m: OnnxModel) => OnnxModel]>([
    ['data of another size', withWeight({ name: 'w', dtype: 'float32', shape: [3], data })],
    ['data of another type', withWeight({ name: 'w', dtype: 'float64', shape: [4], data })],
    ['a broken dimension', withWeight({ name: 'w', dtype: 'float32', shape: [0.5, 8], data })],
    ['too few strings', withWeight({ name: 'w', dtype: 'string', shape: [1], data: new Uint8Array(0) })],
    ['half a character', (m) => ({ ...m, producerName: 'fim \ud83d' })],
    ['a broken version', (m) => ({ ...m, irVersion: 8.5 })],
    [
      'a broken integer attribute',
      (m) => {
        const broken = node('Op', [], [], { axis: { type: 'int', value: NaN } });
        return { ...m, graph: { ...m.graph, nodes: [broken] } };
      },
    ],
    [
      'a value that is no tensor',
      (m) => {
        const outputs = [{ name: 'h', elemType: 'sequence' as const, shape: null }];
        return { ...m, graph: { ...m.graph, outputs } };
      },
    ],
  ])('%s', (_, change) => expect(codeOf(change)).toBe('onnx/write'));

  it('a model as it is can be written', () => expect(codeOf((m) => m)).toBe('written'));
});
