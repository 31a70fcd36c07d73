import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sizeOf } from '../../../core/tensor.js';
import { decodeModel, encodeModel, type OnnxAttribute, type OnnxModel, type OnnxTensor } from './index.js';

const folder = new URL('../../../../test/fixtures/models/', import.meta.url);
const networks = readdirSync(folder, { withFileTypes: true }).filter((e) => e.isDirectory());
const bytesOf = (name: string): Uint8Array => readFileSync(new URL(`${name}/model.onnx`, folder));

/** The bytes, without the empty domain that one exporter spells out in the operator set at the file's end. */
function withoutEmptyDomain(bytes: Uint8Array): Uint8Array {
  const [tag, length, field, empty, ...version] = bytes.subarray(-6);
  if (tag !== 0x42 || length !== 4 || field !== 0x0a || empty !== 0) return bytes;
  return Uint8Array.of(...bytes.subarray(0, -6), tag, 2, ...version);
}

describe('files written by other serialisers', () => {
  it('are there', () => expect(networks.length).toBe(13));

  it.each(networks.map((e) => e.name))('%s: decoded and encoded again', (name) => {
    const bytes = bytesOf(name);
    const model = decodeModel(bytes);
    expect(model.graph.inputs.map((v) => v.name)).toContain('x');
    expect(model.graph.outputs.map((v) => v.name)).toEqual(['h']);
    for (const t of model.graph.initializers) expect(t.data.length).toBe(sizeOf(t.shape));
    // Protobuf's own serialiser is the reference: the same fields in the same order are the same bytes.
    expect(Buffer.compare(encodeModel(model), withoutEmptyDomain(bytes))).toBe(0);
  });

  it('say what PyTorch put into them', () => {
    const { graph, ...rest } = decodeModel(bytesOf('diabetes-regression'));
    expect(rest).toEqual({
      irVersion: 8,
      producerName: 'pytorch',
      producerVersion: '1.13.0',
      opsets: [{ domain: '', version: 17 }],
      metadata: {},
    });
    expect(graph.inputs).toEqual([{ name: 'x', elemType: 'float32', shape: ['n', 10] }]);
    expect(graph.outputs).toEqual([{ name: 'h', elemType: 'float32', shape: ['n', 1] }]);
    expect(graph.nodes[0]).toEqual({
      name: '/fc1/Gemm',
      opType: 'Gemm',
      domain: '',
      inputs: ['x', 'fc1.weight', 'fc1.bias'],
      outputs: ['/fc1/Gemm_output_0'],
      attributes: {
        alpha: { type: 'float', value: 1 },
        beta: { type: 'float', value: 1 },
        transB: { type: 'int', value: 1 },
      },
    });
    expect(graph.nodes.filter((n) => n.opType === 'Erf').length).toBe(1);
    const shapes = graph.initializers.map((t) => [t.name, t.dtype, t.shape]);
    expect(shapes).toEqual([
      ['fc1.weight', 'float32', [12, 10]],
      ['fc1.bias', 'float32', [12]],
      ['fc2.weight', 'float32', [8, 12]],
      ['fc2.bias', 'float32', [8]],
      ['fc3.weight', 'float32', [1, 8]],
      ['fc3.bias', 'float32', [1]],
    ]);
  });

  it('hold the weights bit for bit', () => {
    // θ_k = 0.6 sin(1.7 k + 0.3), in the order W1 [5, 4], b1, W2 [3, 5], b2.
    const { initializers } = decodeModel(bytesOf('golden-4-5-3')).graph;
    const theta = initializers.flatMap((t) => Array.from(t.data, Number));
    expect(initializers.map((t) => t.shape)).toEqual([[5, 4], [5], [3, 5], [3]]);
    expect(theta.length).toBe(43);
    theta.forEach((v, k) => expect(Math.abs(v - 0.6 * Math.sin(1.7 * k + 0.3))).toBeLessThan(1e-15));
  });
});

const tensor = (name: string, dtype: 'float32', shape: number[], data: Float32Array): OnnxTensor => ({
  name,
  dtype,
  shape,
  data,
});

/** One of everything that the objects can say. */
function everything(): OnnxModel {
  const inner = {
    name: 'inner',
    nodes: [
      { name: '', opType: 'Identity', domain: '', inputs: ['a'], outputs: ['b'], attributes: {} },
      { name: '', opType: 'Clip', domain: '', inputs: ['b', '', 'max'], outputs: ['c', ''], attributes: {} },
    ],
    initializers: [tensor('a', 'float32', [0, 3], new Float32Array(0))],
    inputs: [],
    outputs: [{ name: 'b', elemType: null, shape: null }],
    valueInfo: [],
  };
  const attributes: Record<string, OnnxAttribute> = {
    f: { type: 'float', value: Math.fround(0.1) },
    i: { type: 'int', value: -3 },
    zero: { type: 'int', value: 0 },
    s: { type: 'string', value: 'größer \u{1f40d} \u{20000} \u{10ffff} \ufeff' },
    empty: { type: 'string', value: '' },
    t: { type: 'tensor', value: tensor('', 'float32', [], Float32Array.of(-0)) },
    g: { type: 'graph', value: inner },
    floats: { type: 'floats', value: [NaN, Infinity, -0, 1.5] },
    ints: { type: 'ints', value: [0, 127, 128, -1, 2 ** 31, -(2 ** 40), 2 ** 53 - 1, 1 - 2 ** 53] },
    none: { type: 'ints', value: [] },
    strings: { type: 'strings', value: ['', 'tanh', '零'] },
    tensors: { type: 'tensors', value: [tensor('u', 'float32', [1], Float32Array.of(2))] },
    graphs: { type: 'graphs', value: [inner, inner] },
    ['__proto__']: { type: 'int', value: 7 },
  };
  const data = Uint8Array.from({ length: 32 }, (_, k) => k * 7);
  return {
    irVersion: 9,
    producerName: 'fim',
    producerVersion: '0.1.0',
    domain: 'org.example',
    modelVersion: 12,
    docString: 'a model\nof everything',
    opsets: [
      { domain: '', version: 17 },
      { domain: 'com.microsoft', version: 1 },
    ],
    metadata: { likelihood: 'categorical', empty: '' },
    graph: {
      name: 'everything',
      nodes: [{ name: 'n', opType: 'Odd', domain: 'org.example', inputs: ['x'], outputs: ['y'], attributes }],
      initializers: [
        { name: 'f32', dtype: 'float32', shape: [2, 1], data: Float32Array.of(1.5, NaN) },
        { name: 'f64', dtype: 'float64', shape: [2], data: Float64Array.of(Math.PI, -1e300) },
        { name: 'i64', dtype: 'int64', shape: [3], data: BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n), 5n) },
        { name: 'i32', dtype: 'int32', shape: [], data: Int32Array.of(-(2 ** 31)) },
        { name: 'u8', dtype: 'uint8', shape: [2], data: Uint8Array.of(0, 255) },
        { name: 'i8', dtype: 'int8', shape: [2], data: Int8Array.of(-128, 127) },
        { name: 'b', dtype: 'bool', shape: [2], data: Uint8Array.of(0, 1) },
        { name: 'u16', dtype: 'uint16', shape: [4, 4], data },
        { name: 'c128', dtype: 'complex128', shape: [2], data },
        { name: 'i4', dtype: 'int4', shape: [5], data: data.slice(0, 3) },
        { name: 'text', dtype: 'string', shape: [2], data: new Uint8Array(0), strings: ['a', ''] },
      ],
      inputs: [{ name: 'x', elemType: 'float16', shape: ['n', 3, null] }],
      outputs: [{ name: 'y', elemType: 'float32', shape: [] }],
      valueInfo: [{ name: 'v', elemType: 'bool', shape: null }],
    },
  };
}

describe('everything a model can say', () => {
  it('survives the way to bytes and back', () => {
    const model = everything();
    expect(decodeModel(encodeModel(model))).toStrictEqual(model);
  });

  it('gives the same bytes every time', () => {
    expect(Buffer.compare(encodeModel(everything()), encodeModel(everything()))).toBe(0);
  });

  it('comes in bytes at any alignment, and as a Buffer', () => {
    const bytes = encodeModel(everything());
    for (let shift = 1; shift < 8; shift++) {
      const moved = new Uint8Array(bytes.length + 16);
      moved.set(bytes, shift);
      expect(decodeModel(moved.subarray(shift, shift + bytes.length))).toStrictEqual(everything());
    }
    expect(decodeModel(Buffer.from(bytes))).toStrictEqual(everything());
  });

  it('does not share memory with the file', () => {
    const bytes = encodeModel(everything());
    const model = decodeModel(bytes);
    bytes.fill(0);
    expect(model).toStrictEqual(everything());
  });
});

describe('the ends of the 64-bit range as attributes', () => {
  const through = (value: number[]): readonly number[] => {
    const m = everything();
    const node = { ...m.graph.nodes[0], attributes: { ends: { type: 'ints' as const, value } } };
    const { graph } = decodeModel(encodeModel({ ...m, graph: { ...m.graph, nodes: [node] } }));
    const { ends } = graph.nodes[0].attributes;
    return ends.type === 'ints' ? ends.value : [];
  };

  it('INT64_MAX and INT64_MIN stay what they are', () => {
    expect(through([2 ** 63, -(2 ** 63)])).toEqual([2 ** 63, -(2 ** 63)]);
    expect(through([9223372036854775807, -9223372036854775807])).toEqual([2 ** 63, -(2 ** 63)]);
  });

  it('larger numbers are held at the ends, on the right side', () => {
    expect(through([1e300, -1e300])).toEqual([2 ** 63, -(2 ** 63)]);
  });

  it('the largest representable numbers inside are exact', () => {
    const inside = [2 ** 63 - 1024, 1024 - 2 ** 63, 2 ** 62 + 2 ** 20];
    expect(through(inside)).toEqual(inside);
  });
});
