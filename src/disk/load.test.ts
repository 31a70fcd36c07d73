import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaintOf, fixture, fixturePath } from '../../test/fixtures/data/index.js';
import { tensor, zeros } from '../core/tensor.js';
import type { DType, Tensor } from '../core/tensor.js';
import { writeArrays } from './arrays.js';
import type { InputSpec } from '../data/conform.js';
import { sha256 } from './files.js';
import { loadDataset } from './open.js';
import type { LoadOptions } from '../data/load-options.js';
import { formatNpy } from '../data/npy.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fim-load-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const spec = (name: string, dtype: DType, shape: InputSpec['shape']): InputSpec => ({ name, dtype, shape });
const X2 = spec('x', 'float32', [2]);

let files = 0;
function save(arrays: Record<string, Tensor>, extension = 'npz'): string {
  const path = join(folder, `${files++}.${extension}`);
  writeArrays(path, new Map(Object.entries(arrays)));
  return path;
}
function saveText(text: string, extension = 'csv'): string {
  const path = join(folder, `${files++}.${extension}`);
  writeFileSync(path, text);
  return path;
}
function saveBytes(bytes: Uint8Array, name: string): string {
  const path = join(folder, `${files++}-${name}`);
  writeFileSync(path, bytes);
  return path;
}
function refuse(path: string, options: Partial<LoadOptions> = {}) {
  const error = complaintOf(() => loadDataset(path, { inputs: [X2], ...options }));
  expect(error.complaint.where).toBeTruthy();
  expect(error.complaint.got).toBeTruthy();
  expect(error.complaint.next).toBeTruthy();
  return error;
}

const x = tensor('float32', [3, 2], [1, 2, 3, 4, 5, 6]);
const y = tensor('int64', [3], [0, 1, 1]);

describe('what NumPy and PyTorch wrote', () => {
  it('loads a regression, stored', () => {
    const path = fixturePath('diabetes-data.npz');
    const data = loadDataset(path, { inputs: [spec('x', 'float32', [10])] });
    expect(data.n).toBe(128);
    expect(data.inputs.get('x')!.shape).toEqual([128, 10]);
    expect(data.targets).toMatchObject({ dtype: 'float32', shape: [128, 1] });
    expect(data.hash).toBe(sha256(fixture('diabetes-data.npz')));
    expect(data.source).toBe(path);
  });

  it('loads double data, deflated, and keeps it double for a float32 graph', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const data = loadDataset(fixturePath('digits-double-data.npz'), { inputs: [spec('x', dtype, [8])] });
      expect(data.inputs.get('x')!.dtype).toBe('float64');
      expect(data.targets).toMatchObject({ dtype: 'int64', shape: [96] });
    }
  });
});

describe('which arrays', () => {
  it('takes the array of the input’s name before x, and y as targets', () => {
    const data = loadDataset(save({ x, pixels: zeros('float32', [3, 2]), y }), {
      inputs: [{ ...X2, name: 'pixels' }],
    });
    expect(data.inputs.get('pixels')!.data).toEqual(new Float32Array(6));
    expect(data.targets).toEqual(y);
  });

  it('takes x for the only input, whatever its name', () => {
    const data = loadDataset(save({ x, y }), { inputs: [{ ...X2, name: 'onnx::Gemm_0' }] });
    expect(data.inputs.get('onnx::Gemm_0')).toEqual(x);
  });

  it('feeds several inputs by name', () => {
    const ids = tensor('int64', [3, 2], [0, 1, 2, 3, 4, 5]);
    const inputs = [X2, spec('ids', 'int64', [2])];
    const data = loadDataset(save({ ids, x }), { inputs });
    expect([...data.inputs.keys()]).toEqual(['x', 'ids']);
    const error = refuse(save({ x, y }), { inputs });
    expect(error.code).toBe('data/inputs');
    expect(error.complaint.rule).toContain('missing: ids');
    expect(error.complaint.next).toBe("`input: { ids: 'x' }`");
  });

  it('lists the arrays when none fits, and says which option to use', () => {
    const path = save({ images: x, y });
    const error = refuse(path);
    expect(error.code).toBe('data/inputs');
    expect(error.exitCode).toBe(3);
    expect(error.complaint.got).toBe('images float32 [3, 2], y int64 [3]');
    expect(error.complaint.next).toBe("`input: { x: 'images' }`");
    expect(loadDataset(path, { inputs: [X2], arrays: { x: 'images' } }).inputs.get('x')).toEqual(x);
    expect(refuse(path, { arrays: { x: 'image' } }).code).toBe('arrays/missing');
    expect(refuse(path, { arrays: { input: 'images' } }).code).toBe('data/input-name');
  });

  it('takes named targets, none where there are none, and asks for them where they are needed', () => {
    const path = save({ x, labels: y });
    expect(loadDataset(path, { inputs: [X2] }).targets).toBeNull();
    expect(loadDataset(path, { inputs: [X2], targets: 'labels' }).targets).toEqual(y);
    const needed = refuse(path, { requireTargets: true });
    expect(needed.code).toBe('data/targets');
    expect(needed.complaint.next).toBe("`targets: 'labels'`");
    const wrong = refuse(path, { targets: 'label' });
    expect(wrong.code).toBe('arrays/missing');
    expect(wrong.complaint.got).toBe('x float32 [3, 2], labels int64 [3]');
    expect(wrong.complaint.next).toBe("`targets: 'labels'`");
  });

  it('does not take an input for its own targets', () => {
    const path = save({ y: x });
    expect(loadDataset(path, { inputs: [{ ...X2, name: 'y' }] }).targets).toBeNull();
  });

  it('reads safetensors as it reads npz', () => {
    const data = loadDataset(save({ x, y }, 'safetensors'), { inputs: [X2] });
    expect(data.inputs.get('x')).toEqual(x);
    expect(data.targets).toEqual(y);
  });
});

describe('what the values are', () => {
  const bytes = tensor('uint8', [3, 2], [0, 1, 127, 128, 254, 255]);

  it('refuses uint8 for a float input unless a scale is given', () => {
    const path = save({ x: bytes });
    const error = refuse(path);
    expect(error.code).toBe('data/uint8');
    expect(error.complaint.next).toContain("`scale: '1/255'`");
    const scaled = loadDataset(path, { inputs: [X2], scale: '1/255' }).inputs.get('x')!;
    expect(scaled.dtype).toBe('float32');
    expect([...(scaled.data as Float32Array)]).toEqual(
      [0, 1, 127, 128, 254, 255].map((v) => Math.fround(v / 255)),
    );
    const double = loadDataset(path, { inputs: [{ ...X2, dtype: 'float64' }], scale: '1/255' }).inputs.get(
      'x',
    )!;
    expect([...(double.data as Float64Array)]).toEqual([0, 1, 127, 128, 254, 255].map((v) => v / 255));
    expect(loadDataset(path, { inputs: [X2], scale: 1 }).inputs.get('x')!.data[5]).toBe(255);
  });

  it('refuses integers and booleans for a float input, with another next step', () => {
    for (const dtype of ['int64', 'int32', 'int8', 'bool'] as const) {
      const error = refuse(save({ x: zeros(dtype, [3, 2]) }));
      expect(error.code).toBe('data/integers');
      expect(error.complaint.next).toContain('`scale: 1` ');
    }
  });

  it('scales floats where the user says so, in their own precision', () => {
    const path = save({ x: tensor('float64', [1, 2], [1, 0.3]) });
    const scaled = loadDataset(path, { inputs: [X2], scale: '1/3' }).inputs.get('x')!;
    expect(scaled).toEqual(tensor('float64', [1, 2], [1 / 3, 0.3 / 3]));
  });

  it('refuses a scale where it is not clear what to scale, or no number', () => {
    const two = { inputs: [X2, { ...X2, name: 'z' }], scale: 1 };
    expect(refuse(save({ x, z: x }), two).code).toBe('data/scale');
    expect(refuse(save({ x: y }), { inputs: [spec('x', 'int64', [])], scale: 1 }).code).toBe('data/scale');
    expect(refuse(save({ x }), { scale: '1/0' }).code).toBe('scale/number');
  });

  it('casts integers to an integer input where they fit', () => {
    const inputs = [spec('x', 'int64', [2])];
    const data = loadDataset(save({ x: tensor('int32', [1, 2], [-1, 7]) }), { inputs });
    expect(data.inputs.get('x')).toEqual(tensor('int64', [1, 2], [-1, 7]));
    const narrow = [spec('x', 'uint8', [2])];
    const error = refuse(save({ x: tensor('int64', [2, 2], [1, 2, 3, 256]) }), { inputs: narrow });
    expect(error.code).toBe('data/range');
    expect(error.complaint.got).toBe('256 in example 1');
    expect(refuse(save({ x }), { inputs }).code).toBe('data/floats');
  });

  it('names the example of a value that is not finite', () => {
    const bad = tensor('float32', [3, 2, 2], [0, 0, 0, 0, 0, 0, NaN, 0, 0, Infinity, 0, 0]);
    const error = refuse(save({ x: bad }), { inputs: [spec('x', 'float32', [2, 2])] });
    expect(error.code).toBe('data/not-finite');
    expect(error.complaint.where).toMatch(/array x$/);
    expect(error.complaint.got).toBe('NaN in example 1 at [1, 0], and 1 more');
    const targets = refuse(save({ x, y: tensor('float64', [3], [0, 1, -Infinity]) }));
    expect(targets.complaint.where).toMatch(/array y$/);
    expect(targets.complaint.got).toBe('-Infinity in example 2');
  });
});

describe('which shape', () => {
  it('refuses another shape, showing both', () => {
    const error = refuse(save({ x: zeros('float32', [3, 4]) }));
    expect(error.code).toBe('data/shape');
    expect(error.complaint.rule).toBe("the network's input x takes [n, 2]");
    expect(error.complaint.got).toBe('float32 [3, 4]');
  });

  it('proposes a reshape where the elements are as many, and does not do it', () => {
    const error = refuse(save({ x: zeros('float32', [3, 4]) }), {
      inputs: [spec('x', 'float32', [1, 2, 2])],
    });
    expect(error.complaint.next).toBe('reshape it before saving: a.reshape(-1, 1, 2, 2)');
  });

  it('sees a single example without its axis', () => {
    const error = refuse(save({ x: zeros('float32', [2]) }));
    expect(error.complaint.cause).toContain('single example');
    expect(refuse(save({ x: zeros('float32', []) })).code).toBe('data/shape');
  });

  it('takes any size where the graph leaves it open', () => {
    const inputs = [spec('x', 'float32', [null, 2])];
    expect(loadDataset(save({ x: zeros('float32', [3, 5, 2]) }), { inputs }).n).toBe(3);
    expect(refuse(save({ x: zeros('float32', [3, 5, 3]) }), { inputs }).complaint.rule).toContain(
      '[n, ?, 2]',
    );
    expect(
      loadDataset(save({ x: zeros('float32', [3, 5]) }), { inputs: [spec('x', 'float32', null)] }).n,
    ).toBe(3);
  });

  it('refuses arrays of different lengths, and none', () => {
    const error = refuse(save({ x, y: zeros('int64', [4]) }));
    expect(error.code).toBe('data/lengths');
    expect(refuse(save({ x: zeros('float32', [0, 2]) })).code).toBe('data/no-examples');
  });
});

describe('.csv', () => {
  it('feeds the one input that must be fed, whatever the others are called, and fills those', () => {
    const state: InputSpec = { ...spec('h0', 'float32', [3]), otherwise: 0 };
    const path = saveText('a,b\n1,2\n3,4\n');
    const { inputs, notes } = loadDataset(path, { inputs: [state, X2] });
    expect(inputs.get('x')?.data).toEqual(Float64Array.of(1, 2, 3, 4));
    expect(inputs.get('h0')?.data).toEqual(new Float32Array(6));
    expect(notes.join()).toContain('h0');
    const alone = loadDataset(path, { inputs: [{ ...X2, name: 'state', otherwise: 0 }] });
    expect(alone.inputs.get('state')?.data).toEqual(Float64Array.of(1, 2, 3, 4));
  });

  it('reads inputs and the target column', () => {
    const path = saveText('a,b,y\n1,2,0\n3,4,1\n');
    const data = loadDataset(path, { inputs: [X2], targetColumn: 'y' });
    expect(data.inputs.get('x')).toEqual(tensor('float64', [2, 2], [1, 2, 3, 4]));
    expect(data.targets).toEqual(tensor('int64', [2], [0, 1]));
  });

  it('shapes rows as the graph has them, and takes whole numbers for an integer input', () => {
    const path = saveText('a,b,c,d\n1,2,3,4\n');
    const image = loadDataset(path, { inputs: [spec('x', 'float32', [1, 2, 2])] });
    expect(image.inputs.get('x')!.shape).toEqual([1, 1, 2, 2]);
    const tokens = loadDataset(path, { inputs: [spec('x', 'int64', [4])] });
    expect(tokens.inputs.get('x')).toEqual(tensor('int64', [1, 4], [1, 2, 3, 4]));
    const half = saveText('a,b\n1,2.5\n');
    expect(refuse(half, { inputs: [spec('x', 'int64', [2])] }).code).toBe('data/floats');
  });

  it('sees the target among the inputs, and columns that are too few', () => {
    const error = refuse(saveText('a,b,label\n1,2,0\n'));
    expect(error.code).toBe('data/columns');
    expect(error.complaint.got).toBe('3 input columns: a, b, label');
    expect(error.complaint.next).toBe("`targetColumn: 'label'`");
    expect(refuse(saveText('a,label\n1,0\n'), { targetColumn: 'label' }).code).toBe('data/columns');
    expect(refuse(saveText('a,b\n1,0\n'), { requireTargets: true }).code).toBe('data/targets');
  });

  it('has columns, not arrays, and feeds one input', () => {
    const path = saveText('a,b\n1,2\n');
    expect(refuse(path, { targets: 'b' }).complaint.next).toBe("`targetColumn: 'b'`");
    expect(refuse(path, { inputs: [X2, X2] }).code).toBe('data/inputs');
    const npz = refuse(save({ x, y }), { targetColumn: 'y' });
    expect(npz.code).toBe('data/option');
    expect(npz.exitCode).toBe(2);
    expect(npz.complaint.next).toBe("`targets: 'y'`");
  });
});

describe('.npy and IDX', () => {
  const image = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 102);
  const label = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 1, 0);

  it('reads an .npy, its targets from another', () => {
    const path = saveBytes(formatNpy(x), 'x.npy');
    const targets = saveBytes(formatNpy(y), 'y.npy');
    expect(loadDataset(path, { inputs: [X2] }).targets).toBeNull();
    const data = loadDataset(path, { inputs: [X2], targets });
    expect(data.targets).toEqual(y);
    expect(data.hash).not.toBe(loadDataset(path, { inputs: [X2] }).hash);
    expect(refuse(path, { requireTargets: true }).code).toBe('data/targets');
    expect(refuse(path, { targets: join(folder, 'none.npy') }).code).toBe('file/missing');
    expect(refuse(path, { targets: save({ y }) }).code).toBe('data/option');
  });

  it('reads IDX, gzipped or not, shaped as the graph has it, scaled only when told', () => {
    const labels = saveBytes(label, 'train-labels-idx1-ubyte');
    for (const path of [
      saveBytes(image, 'train-images-idx3-ubyte'),
      saveBytes(gzipSync(image, { mtime: 0 }), 'train-images-idx3-ubyte.gz'),
    ]) {
      const data = loadDataset(path, { inputs: [X2], scale: '1/255', targets: labels });
      expect(data.inputs.get('x')).toEqual(tensor('float32', [2, 2], [0, 1, 0.2, 0.4]));
      expect(data.targets).toEqual(tensor('uint8', [2], [1, 0]));
      expect(refuse(path).code).toBe('data/uint8');
    }
  });
});

describe('files that are not data', () => {
  it('are refused with a next step', () => {
    expect(refuse(join(folder, 'missing.npz')).code).toBe('file/missing');
    expect(refuse(folder).code).toBe('file/folder');
    expect(refuse(saveBytes(new Uint8Array(0), 'empty.npz')).code).toBe('file/empty');
    expect(refuse(saveText('{"x": [1, 2]}', 'json')).code).toBe('data/format');
    expect(refuse(saveBytes(fixture('diabetes-data.npz'), 'checkpoint.pt')).complaint.got).toBe('.pt');
    expect(refuse(saveText('<html>', 'npz')).code).toBe('zip/not-zip');
    expect(refuse(saveBytes(fixture('diabetes-data.npz').slice(0, 4000), 'cut.npz')).code).toBe(
      'zip/truncated',
    );
  });
});
