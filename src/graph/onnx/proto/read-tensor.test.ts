import { PbfWriter } from 'pbf';
import { describe, expect, it } from 'vitest';
import { FimError } from '../../../core/errors.js';
import { decodeModel, encodeModel, encodeModelWithData, type OnnxModel, type OnnxTensor } from './index.js';
import { TENSOR } from './schema.js';

/** A model whose only content is one TensorProto, written field by field. */
function modelWith(write: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, 8);
  pbf.writeMessage(7, () => pbf.writeMessage(5, () => write(pbf), null), null);
  pbf.writeMessage(8, () => pbf.writeVarintField(2, 17), null);
  return pbf.finish();
}

function read(write: (pbf: PbfWriter) => void, external?: (location: string) => Uint8Array): OnnxTensor {
  return decodeModel(modelWith(write), external ? { external } : {}).graph.initializers[0];
}

function head(pbf: PbfWriter, type: number, dims: number[]): void {
  pbf.writePackedVarint(TENSOR.dims, dims);
  pbf.writeVarintField(TENSOR.dataType, type);
  pbf.writeStringField(TENSOR.name, 'w');
}

function failure(run: () => unknown): FimError {
  try {
    run();
  } catch (e) {
    if (e instanceof FimError) return e;
    throw e;
  }
  throw new FimError({ code: 'test/nothing-thrown', where: 'test', rule: 'an error is thrown' });
}

describe('where elements may stand', () => {
  it('float_data, packed, one by one, and in pieces', () => {
    const want = { name: 'w', dtype: 'float32', shape: [3], data: Float32Array.of(1, -2.5, 0.25) };
    const packed = read((p) => {
      head(p, 1, [3]);
      p.writePackedFloat(TENSOR.floatData, [1, -2.5, 0.25]);
    });
    const single = read((p) => {
      for (const v of [1, -2.5, 0.25]) p.writeFloatField(TENSOR.floatData, v);
      p.writeVarintField(TENSOR.dims, 3);
      p.writeStringField(TENSOR.name, 'w');
      p.writeVarintField(TENSOR.dataType, 1);
    });
    const pieces = read((p) => {
      head(p, 1, [3]);
      p.writePackedFloat(TENSOR.floatData, [1]);
      p.writeFloatField(TENSOR.floatData, -2.5);
      p.writePackedFloat(TENSOR.floatData, [0.25]);
    });
    expect(packed).toStrictEqual(want);
    expect(single).toStrictEqual(want);
    expect(pieces).toStrictEqual(want);
  });

  it('double_data', () => {
    const t = read((p) => {
      head(p, 11, [2]);
      p.writePackedDouble(TENSOR.doubleData, [Math.E, -1e-300]);
    });
    expect(t).toMatchObject({ dtype: 'float64', data: Float64Array.of(Math.E, -1e-300) });
  });

  it('int64_data, exact beyond 2⁵³', () => {
    const t = read((p) => {
      head(p, 7, [4]);
      p.writePackedVarint(TENSOR.int64Data, [5, -1]);
      // INT64_MAX − 1 and 2⁵³ + 1, which no JS number is, as the bytes of a packed field.
      const beyond = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
      beyond.push(0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10);
      p.writeBytesField(TENSOR.int64Data, Uint8Array.from(beyond));
    });
    expect(t.data).toEqual(BigInt64Array.of(5n, -1n, 2n ** 63n - 2n, 2n ** 53n + 1n));
  });

  it.each([
    [6, 'int32', Int32Array.of(-7, 2 ** 31 - 1), [-7, 2 ** 31 - 1]],
    [2, 'uint8', Uint8Array.of(0, 200), [0, 200]],
    [3, 'int8', Int8Array.of(-128, 5), [-128, 5]],
    [9, 'bool', Uint8Array.of(1, 0), [1, 0]],
  ] as const)('int32_data as type %i, %s', (type, dtype, data, values) => {
    const t = read((p) => {
      head(p, type, [2]);
      p.writePackedVarint(TENSOR.int32Data, [...values]);
    });
    expect(t).toStrictEqual({ name: 'w', dtype, shape: [2], data });
  });

  it('half precision becomes float32 and says so, from raw_data and int32_data', () => {
    const raw = read((p) => {
      head(p, 10, [2]);
      p.writeBytesField(TENSOR.rawData, Uint8Array.of(0x00, 0x3c, 0xff, 0x7b));
    });
    const typed = read((p) => {
      head(p, 10, [2]);
      p.writePackedVarint(TENSOR.int32Data, [0x3c00, 0x7bff]);
    });
    const want = { name: 'w', dtype: 'float32', shape: [2], data: Float32Array.of(1, 65504) };
    expect(raw).toStrictEqual({ ...want, storedAs: 'float16' });
    expect(typed).toStrictEqual({ ...want, storedAs: 'float16' });
    const brain = read((p) => {
      head(p, 16, [1]);
      p.writeBytesField(TENSOR.rawData, Uint8Array.of(0x80, 0xbf));
    });
    expect(brain).toMatchObject({ dtype: 'float32', data: Float32Array.of(-1), storedAs: 'bfloat16' });
  });

  it('types without arithmetic here are kept as the bytes of raw_data', () => {
    const int16 = read((p) => {
      head(p, 5, [2]);
      p.writePackedVarint(TENSOR.int32Data, [-2, 258]);
    });
    expect(int16).toMatchObject({ dtype: 'int16', data: Uint8Array.of(0xfe, 0xff, 2, 1) });
    const uint64 = read((p) => {
      head(p, 13, [1]);
      p.writePackedVarint(TENSOR.uint64Data, [2 ** 63]);
    });
    expect(uint64).toMatchObject({ dtype: 'uint64', data: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x80) });
    const complex64 = read((p) => {
      head(p, 14, [1]);
      p.writePackedFloat(TENSOR.floatData, [1, 0]);
    });
    expect(complex64).toMatchObject({
      dtype: 'complex64',
      data: Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0),
    });
    const uint4 = read((p) => {
      head(p, 21, [3]);
      p.writePackedVarint(TENSOR.int32Data, [0x21, 0x03]);
    });
    expect(uint4).toMatchObject({ dtype: 'uint4', data: Uint8Array.of(0x21, 0x03) });
  });

  it('an empty tensor needs no data', () => {
    expect(read((p) => head(p, 1, [0, 4]))).toMatchObject({ shape: [0, 4], data: new Float32Array(0) });
  });
});

describe('tensors that contradict themselves', () => {
  it.each<[string, string, (p: PbfWriter) => void]>([
    ['onnx/tensor-size', 'no elements', (p) => head(p, 1, [2])],
    [
      'onnx/tensor-size',
      'too few bytes',
      (p) => {
        head(p, 1, [2]);
        p.writeBytesField(TENSOR.rawData, new Uint8Array(7));
      },
    ],
    [
      'onnx/tensor-size',
      'more elements than memory, none given',
      (p) => {
        head(p, 1, [2 ** 20, 2 ** 20]);
        p.writeBytesField(TENSOR.rawData, new Uint8Array(8));
      },
    ],
    ['onnx/tensor-size', 'more elements than numbers', (p) => head(p, 1, [2 ** 40, 2 ** 40])],
    ['onnx/tensor-size', 'a negative dimension', (p) => head(p, 1, [-1])],
    [
      'onnx/tensor-size',
      'too few strings',
      (p) => {
        head(p, 8, [2]);
        p.writeStringField(TENSOR.stringData, 'one');
      },
    ],
    ['onnx/data-type', 'an unknown type', (p) => head(p, 99, [0])],
    ['onnx/data-type', 'no type', (p) => head(p, 0, [0])],
    [
      'onnx/malformed',
      'elements in two places',
      (p) => {
        head(p, 1, [1]);
        p.writeBytesField(TENSOR.rawData, new Uint8Array(4));
        p.writePackedFloat(TENSOR.floatData, [1]);
      },
    ],
    [
      'onnx/malformed',
      'floats in int64_data',
      (p) => {
        head(p, 1, [1]);
        p.writePackedVarint(TENSOR.int64Data, [1]);
      },
    ],
    [
      'onnx/malformed',
      'a uint8 of 256',
      (p) => {
        head(p, 2, [1]);
        p.writePackedVarint(TENSOR.int32Data, [256]);
      },
    ],
    [
      'onnx/malformed',
      'a bool of 2',
      (p) => {
        head(p, 9, [1]);
        p.writeBytesField(TENSOR.rawData, Uint8Array.of(2));
      },
    ],
    [
      'onnx/malformed',
      'a segment',
      (p) => {
        head(p, 1, [0]);
        p.writeMessage(TENSOR.segment, () => p.writeVarintField(1, 0), null);
      },
    ],
    [
      'onnx/malformed',
      'packed floats of 6 bytes',
      (p) => {
        head(p, 1, [1]);
        p.writeBytesField(TENSOR.floatData, new Uint8Array(6));
      },
    ],
  ])('%s: %s', (code, _, write) => expect(failure(() => read(write)).code).toBe(code));
});

describe('data in another file', () => {
  const outside = (entries: Record<string, string>) => (p: PbfWriter) => {
    head(p, 1, [2]);
    for (const [key, value] of Object.entries(entries)) {
      const entry = (): void => {
        p.writeStringField(1, key);
        p.writeStringField(2, value);
      };
      p.writeMessage(TENSOR.externalData, entry, null);
    }
    p.writeVarintField(TENSOR.dataLocation, 1);
  };
  const file = new Uint8Array(Float32Array.of(7, 1, 2, 9).buffer);

  it('is found by location, offset and length', () => {
    const asked: string[] = [];
    const open = (location: string): Uint8Array => {
      asked.push(location);
      return Buffer.from(file);
    };
    const t = read(outside({ location: 'sub/w.bin', offset: '4', length: '8' }), open);
    expect(t).toStrictEqual({ name: 'w', dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) });
    expect(read(outside({ location: './w..bin' }), open).data).toEqual(Float32Array.of(7, 1));
    expect(asked).toEqual(['sub/w.bin', './w..bin']);
  });

  it.each([
    '../w',
    'a/../../w',
    '/etc/passwd',
    'C:\\w',
    'a\\..\\w',
    '\\\\host\\w',
    'http://h/w',
    'file:w',
    'a\0b',
    '',
  ])('is never asked for outside of the folder: %j', (location) => {
    const never = (): Uint8Array => expect.unreachable();
    expect(failure(() => read(outside({ location }), never)).code).toBe('onnx/external-path');
    const written = (): unknown => encodeModelWithData(weights(4), { externalThreshold: 1, location });
    expect(failure(written).code).toBe('onnx/external-path');
  });

  it.each([
    [{ location: 'w', offset: '12' }],
    [{ location: 'w', offset: '99999999999999' }],
    [{ location: 'w', offset: '-4' }],
    [{ location: 'w', offset: '0x4' }],
    [{ location: 'w', offset: '9999999999999999' }],
    [{ location: 'w', length: '4' }],
  ])('has to be there: %j', (entries) => {
    expect(failure(() => read(outside(entries), () => file)).code).toBe('onnx/external-range');
  });

  it('that nobody gives or that cannot be opened is named', () => {
    const without = failure(() => read(outside({ location: 'w.data' })));
    expect(without.code).toBe('onnx/external-missing');
    expect(without.message).toContain('w.data');
    const broken = failure(() =>
      read(outside({ location: 'w.data' }), () => {
        throw new TypeError('no such file');
      }),
    );
    expect(broken.code).toBe('onnx/external-missing');
    expect(broken.cause).toBeInstanceOf(TypeError);
  });

  function weights(n: number): OnnxModel {
    const model = decodeModel(modelWith((p) => head(p, 1, [0])));
    const initializers: OnnxTensor[] = [
      { name: 'small', dtype: 'int64', shape: [1], data: BigInt64Array.of(-1n) },
      { name: 'a', dtype: 'float32', shape: [n], data: Float32Array.from({ length: n }, Math.sin) },
      { name: 's', dtype: 'string', shape: [1], data: new Uint8Array(0), strings: ['text'] },
      { name: 'b', dtype: 'float64', shape: [n], data: Float64Array.from({ length: n }, Math.cos) },
    ];
    return { ...model, graph: { ...model.graph, initializers } };
  }

  it('is written at page boundaries and read back', () => {
    const model = weights(1100);
    const { model: bytes, data, location } = encodeModelWithData(model, { externalThreshold: 100 });
    expect(location).toBe('model.onnx.data');
    expect(data.length).toBe(8192 + 8800);
    expect(bytes.length).toBeLessThan(400);
    const back = decodeModel(bytes, {
      external: (name) => (name === location ? data : expect.unreachable()),
    });
    expect(back).toStrictEqual(model);
    const asked: string[] = [];
    const open = (name: string): Uint8Array => (asked.push(name), data);
    decodeModel(bytes, { external: open });
    expect(asked).toEqual([location]);
    // No element goes outside where the threshold is not reached.
    const all = encodeModelWithData(model, { externalThreshold: 1e9 });
    expect(all.data.length).toBe(0);
    expect(Buffer.compare(all.model, encodeModel(model))).toBe(0);
  });
});
