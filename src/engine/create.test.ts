/** Which engine is taken, and what is said about it. */
import { describe, expect, it } from 'vitest';
import { graph, input, N, ops } from '../graph/index.js';
import { flopsOf, overtakenAt } from './cost.js';
import { choose, createEngine } from './create.js';
import { INSTALL_COMMAND, loadOrt } from './ort/index.js';

const net = (dtype: 'float32' | 'float64', activation = ops.tanh) => {
  const [x, w, v] = [input('x', dtype, [N, 4]), input('w', dtype, [4, 64]), input('v', dtype, [64, 2])];
  return graph({ x, w, v }, { y: ops.matmul(activation(ops.matmul(x, w)), v) });
};

describe('createEngine', () => {
  it('takes the engine that is named', async () => {
    expect((await createEngine({ engine: 'small' })).engine.name).toBe('small');
    const { engine, reason } = await createEngine({ engine: 'ort', threads: 2 });
    expect(engine.build).toMatch(/^onnxruntime \d/);
    expect(reason).toMatch(/as asked/);
    engine.dispose();
    await expect(createEngine({ engine: 'gpu' as never })).rejects.toMatchObject({ code: 'engine/name' });
    await expect(createEngine({ engine: 'ort', threads: 0 })).rejects.toMatchObject({
      code: 'engine/threads',
    });
  });

  it('auto: by the work of a run, by double kernels, and by what is installed, saying which', async () => {
    const auto = async (options: object) => {
      const { engine, reason } = await createEngine({ engine: 'auto', ...options });
      engine.dispose();
      return `${engine.name}: ${reason}`;
    };
    expect(await auto({ graph: net('float32'), batch: 8 })).toMatch(/^small: .*faster only from about/);
    expect(await auto({ graph: net('float32'), batch: 100_000 })).toMatch(/^ort: .*above/);
    expect(await auto({ graph: net('float64', ops.erf), batch: 100_000 })).toMatch(
      /^small: .*no double-precision kernel for Erf/,
    );
    expect(await auto({ flops: 1e3 })).toMatch(/^small/);
    expect(await auto({ flops: 1e9, dtype: 'float64' })).toMatch(/^ort/);
    expect(await auto({})).toMatch(/^ort: .*was not said/);
    const missing = await choose({ flops: 1e9 }, async () => loadOrt(notFound));
    expect(missing.engine.name).toBe('small');
    expect(missing.reason).toContain(INSTALL_COMMAND);
  });

  it('counts the operations of a run', () => {
    expect(flopsOf(net('float32'), 10)).toBe(10 * (2 * 4 * 64 + 64 + 2 * 64 * 2));
    expect(overtakenAt(net('float32'))).toBeGreaterThan(flopsOf(net('float32'), 8));
    expect(overtakenAt(undefined, 'float64')).toBeLessThan(overtakenAt(undefined));
  });
});

describe('loading ONNX Runtime', () => {
  it('names the command where it is missing, and the cause where it does not load', async () => {
    await expect(loadOrt(notFound)).rejects.toThrow(INSTALL_COMMAND);
    await expect(loadOrt(notFound)).rejects.toMatchObject({ code: 'engine/ort-missing', exitCode: 3 });
    const broken = async () => Promise.reject(new TypeError('libonnxruntime.so.1: cannot open'));
    await expect(loadOrt(broken)).rejects.toThrow(/does not load[^]*cannot open/);
    const asDefault = { default: { InferenceSession: {}, Tensor: Object } };
    expect(await loadOrt(async () => asDefault)).toBe(asDefault.default);
  });
});

async function notFound(): Promise<never> {
  return Promise.reject(
    Object.assign(new TypeError('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' }),
  );
}
