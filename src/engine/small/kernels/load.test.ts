import { setFlagsFromString } from 'node:v8';
import { afterEach, describe as group, expect, it, vi } from 'vitest';
import { FimError } from '../../../core/errors.js';
import { describe } from './describe.js';
import { hostRuns, loadKernels } from './load.js';
import { buildsUnderTest } from './testing.js';

const codeOf = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    if (error instanceof FimError) return error.code;
    throw error;
  }
  return 'none';
};

group('loadKernels', () => {
  afterEach(() => void vi.unstubAllEnvs());

  it('takes the build that FIM_KERNELS names, unless the caller names one', () => {
    const memory = new WebAssembly.Memory({ initial: 16 });
    vi.stubEnv('FIM_KERNELS', 'simd128');
    expect(loadKernels(memory).build).toBe('simd128');
    vi.stubEnv('FIM_KERNELS', 'relaxed');
    if (hostRuns('relaxed')) expect(loadKernels(memory).build).toBe('relaxed');
    else expect(codeOf(() => loadKernels(memory))).toBe('kernels/unsupported');
    expect(loadKernels(memory, { build: 'simd128' }).build).toBe('simd128');
    vi.stubEnv('FIM_KERNELS', 'sse9');
    expect(codeOf(() => loadKernels(memory))).toBe('kernels/unknown');
    expect(codeOf(() => loadKernels(memory, { build: 'simd128' }))).toBe('none');
  });

  it('takes relaxed SIMD exactly where the host validates it', () => {
    vi.stubEnv('FIM_KERNELS', '');
    const before = hostRuns('relaxed');
    const memory = new WebAssembly.Memory({ initial: 16 });
    expect(loadKernels(memory).build).toBe(before ? 'relaxed' : 'simd128');
    expect(loadKernels(memory, { build: 'simd128' }).build).toBe('simd128');
    if (!before) expect(codeOf(() => loadKernels(memory, { build: 'relaxed' }))).toBe('kernels/unsupported');
  });

  it('grows a memory that is too small, and complains where it cannot', () => {
    const memory = new WebAssembly.Memory({ initial: 0 });
    const { reservedBytes } = loadKernels(memory);
    expect(memory.buffer.byteLength).toBeGreaterThanOrEqual(reservedBytes);
    expect(codeOf(() => loadKernels(new WebAssembly.Memory({ initial: 1, maximum: 1 })))).toBe(
      'kernels/memory',
    );
  });

  it('two memories do not share scratch or results', () => {
    const memories = [0, 1].map(() => new WebAssembly.Memory({ initial: 8 }));
    const kernels = memories.map((m) => loadKernels(m));
    const at = kernels[0].reservedBytes;
    const views = memories.map((m) => new Float32Array(m.buffer, Math.ceil(at / 16) * 16, 4));
    views[0].set([1, 2, 3, 4]);
    kernels[0].float32.map.neg(views[0].byteOffset, views[0].byteOffset, 4);
    expect(Array.from(views[0])).toEqual([-1, -2, -3, -4]);
    expect(Array.from(views[1])).toEqual([0, 0, 0, 0]);
  });

  it('has a name for every kernel in its types', () => {
    for (const build of buildsUnderTest(setFlagsFromString)) {
      const kernels = loadKernels(new WebAssembly.Memory({ initial: 8 }), { build });
      const { float32, float64 } = kernels;
      expect(Object.keys(float32)).toEqual(Object.keys(float64));
      expect(Object.keys(float32).sort()).toMatchInlineSnapshot(`
        [
          "adam",
          "batchedNN",
          "batchedNT",
          "batchedTN",
          "binary",
          "compare",
          "gemmNN",
          "gemmNT",
          "gemmTN",
          "logSoftmax",
          "map",
          "max",
          "rmsprop",
          "sgd",
          "softmax",
          "sum",
          "where",
        ]
      `);
      expect(Object.keys(kernels.move)).toEqual(['1', '4', '8']);
    }
  });
});

group('describe', () => {
  it('puts axes of length 1 in front', () => {
    expect(Array.from(describe([2, 3], [3, 1], [-1, 0]))).toEqual([
      1, 1, 1, 1, 2, 3, 0, 0, 0, 0, 3, 1, 0, 0, 0, 0, -1, 0,
    ]);
    expect(describe([]).length).toBe(6);
  });

  it('refuses a seventh axis', () => {
    expect(codeOf(() => describe([1, 1, 1, 1, 1, 1, 1]))).toBe('kernels/rank');
  });
});
