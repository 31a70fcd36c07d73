/** Models on a disk whose weights lie in a file of their own, in half precision too; such files damaged, elsewhere or gone. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { info, int, modelOf, node } from '../../test/onnx/builder.js';
import { worstError } from '../../test/onnx/evaluate.js';
import { FimError } from '../core/errors.js';
import { tensor } from '../core/tensor.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import { encodeModelWithData, type ModelWithData, type OnnxTensor } from '../graph/onnx/proto/index.js';
import { type OpenedNetwork } from '../data/open-network.js';
import { openNetwork } from './open.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fim-external-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const [IN, OUT, ROWS] = [5, 3, 4];
const WEIGHT = Array.from({ length: IN * OUT }, (_, i) => ((7 * i) % 31) / 8 - 2);
const BIAS = [-1.75, 0, 2 ** -12];

/** The elements of a file; each number here has an exact one in every type. */
type Kind = 'float32' | 'float16' | 'bfloat16';

const singleBits = (x: number): number => new Uint32Array(Float32Array.of(x).buffer)[0];
const BITS: Readonly<Record<Kind, (x: number) => number>> = {
  float32: singleBits,
  bfloat16: (x) => singleBits(x) >>> 16,
  float16: (x) => {
    const b = singleBits(x);
    const exponent = ((b >>> 23) & 255) - 112;
    return x === 0 ? 0 : ((b >>> 16) & 0x8000) | (exponent << 10) | ((b >>> 13) & 1023);
  },
};

function stored(name: string, kind: Kind, shape: readonly number[], numbers: readonly number[]): OnnxTensor {
  const bits = numbers.map(BITS[kind]);
  const held = kind === 'float32' ? Uint32Array.from(bits) : Uint16Array.from(bits);
  return { name, dtype: kind, shape, data: new Uint8Array(held.buffer) } as unknown as OnnxTensor;
}

/** h = x W + b with stored weights, which are cast where they are halves. */
function fileOf(kind: Kind, location?: string): ModelWithData {
  const names = kind === 'float32' ? ['w', 'b'] : ['w_single', 'b_single'];
  const model = modelOf({
    inputs: [info('x', 'float32', ['n', IN])],
    outputs: ['h'],
    nodes: [
      ...(kind === 'float32' ? [] : ['w', 'b'].map((w) => node('Cast', [w], `${w}_single`, { to: int(1) }))),
      node('Gemm', ['x', ...names], 'h'),
    ],
  });
  const initializers = [stored('w', kind, [IN, OUT], WEIGHT), stored('b', kind, [OUT], BIAS)];
  return encodeModelWithData(
    { ...model, graph: { ...model.graph, initializers } },
    { externalThreshold: 1, ...(location === undefined ? {} : { location }) },
  );
}

/** The path of a model in a folder of its own. */
function saved(
  name: string,
  { model, data, location }: ModelWithData,
  bytes: Uint8Array | null = data,
): string {
  mkdirSync(join(folder, name), { recursive: true });
  const path = join(folder, name, 'model.onnx');
  writeFileSync(path, model);
  if (bytes) writeFileSync(join(folder, name, location), bytes);
  return path;
}

const open = (path: string): Promise<OpenedNetwork> =>
  openNetwork(path, { likelihood: 'categorical', dtype: 'float64' });

async function refusal(path: string): Promise<FimError> {
  try {
    await open(path);
  } catch (error) {
    if (error instanceof FimError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const x = Array.from({ length: ROWS * IN }, (_, i) => Math.fround(Math.sin(i)));

function computed({ network }: OpenedNetwork): Float64Array {
  const given = tensor('float64', [ROWS, IN], x);
  const bound = new Map([...network.inputs].map(([, v]) => [v, given]));
  for (const [name, v] of network.parameters) bound.set(v, network.weights.get(name) as typeof given);
  return Float64Array.from(evaluate([network.h], bound, ROWS)[0].data);
}

describe.each<Kind>(['float32', 'float16', 'bfloat16'])('weights of %s beside the model', (kind) => {
  it('are read exactly, and computed with as ONNX Runtime computes', async () => {
    const path = saved(kind, fileOf(kind));
    const opened = await open(path);
    expect([...opened.network.weights].map(([name, t]) => [name, t.shape, [...t.data]])).toEqual([
      ['w', [IN, OUT], WEIGHT],
      ['b', [OUT], BIAS],
    ]);
    expect(opened.notes.some((note) => note.includes(`stored as ${kind}`))).toBe(kind !== 'float32');
    const session = await ort.InferenceSession.create(path, { intraOpNumThreads: 1, logSeverityLevel: 4 });
    const { h } = await session.run({ x: new ort.Tensor('float32', Float32Array.from(x), [ROWS, IN]) });
    await session.release();
    expect(worstError(computed(opened), h.data as Float32Array)).toBeLessThan(1e-6);
  });

  it('cut short are refused', async () => {
    const file = fileOf(kind);
    const short = await refusal(saved(`${kind}-short`, file, file.data.slice(0, -1)));
    expect(short.code).toBe('onnx/external-range');
    expect(short.message).toContain('model.onnx.data');
  });
});

describe('the file of the weights', () => {
  it('that is gone is named, with the model and the tensor that ask for it', async () => {
    const path = saved('gone', fileOf('float32'), null);
    const { code, message } = await refusal(path);
    expect(code).toBe('onnx/external-missing');
    for (const part of [path, '"w"', join(folder, 'gone', 'model.onnx.data')])
      expect(message).toContain(part);
  });

  it('that is a folder or empty says so', async () => {
    const path = saved('folder', fileOf('float32'), null);
    mkdirSync(join(folder, 'folder', 'model.onnx.data'));
    expect((await refusal(path)).code).toBe('file/folder');
    expect((await refusal(saved('empty', fileOf('float32'), new Uint8Array(0)))).code).toBe('file/empty');
  });

  it('is found in a folder below, and beside the file that the model links to, as caches have it', async () => {
    mkdirSync(join(folder, 'below', 'parts'), { recursive: true });
    const below = await open(saved('below', fileOf('float32', 'parts/w.bin')));
    expect([...below.network.weights.keys()]).toEqual(['w', 'b']);
    const linked = fileOf('float32');
    const path = saved('linked', linked, null);
    mkdirSync(join(folder, 'blobs'));
    renameSync(path, join(folder, 'blobs', 'a'));
    writeFileSync(join(folder, 'blobs', 'b'), linked.data);
    symlinkSync(join('..', 'blobs', 'a'), path);
    symlinkSync(join('..', 'blobs', 'b'), join(folder, 'linked', 'model.onnx.data'));
    expect([...(await open(path)).network.weights.keys()]).toEqual(['w', 'b']);
  });

  it('that links lead to outside of the folder, or that is no regular file, is not opened', async () => {
    const file = fileOf('float32');
    const path = saved('leads', file, null);
    writeFileSync(join(folder, 'secret'), file.data);
    symlinkSync(join('..', 'secret'), join(folder, 'leads', 'model.onnx.data'));
    expect((await refusal(path)).code).toBe('file/outside');
    const below = saved('through', fileOf('float32', 'parts/w.bin'), null);
    mkdirSync(join(folder, 'apart'));
    writeFileSync(join(folder, 'apart', 'w.bin'), file.data);
    symlinkSync(join('..', 'apart'), join(folder, 'through', 'parts'));
    expect((await refusal(below)).code).toBe('file/outside');
    const piped = saved('piped', file, null);
    execFileSync('mkfifo', [join(folder, 'piped', 'model.onnx.data')]);
    expect((await refusal(piped)).code).toBe('file/special');
  });

  it('is read through a link inside the folder', async () => {
    const file = fileOf('float32');
    const path = saved('within', file, null);
    writeFileSync(join(folder, 'within', 'w.bin'), file.data);
    symlinkSync('w.bin', join(folder, 'within', 'model.onnx.data'));
    expect([...(await open(path)).network.weights.keys()]).toEqual(['w', 'b']);
  });

  it('outside of the folder is not opened, though it is there', async () => {
    const file = fileOf('float32', 'inside.bin');
    writeFileSync(join(folder, 'out.bin'), file.data);
    const asks = (location: string): ModelWithData => {
      expect(location.length).toBe('inside.bin'.length);
      const text = Buffer.from(file.model).toString('latin1').replaceAll('inside.bin', location);
      return { ...file, model: Buffer.from(text, 'latin1') };
    };
    for (const location of ['../out.bin', '/./out.bin', 'c:/out.bin']) {
      const { code, message } = await refusal(saved('outside', asks(location), null));
      expect(code, location).toBe('onnx/external-path');
      expect(message).toContain(location);
    }
  });
});
