/** fim compile: a file that another runtime runs, with the sums of fim estimate. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openArrays } from '../../src/data/arrays.js';
import { tensor, toFloat64 } from '../../src/core/tensor.js';
import { expectClose } from '../fisher/close.js';
import { runOrt } from '../onnx/runtime.js';
import { expectComplaint, fim, fimJson, model, scratch, writeNpz } from './fim.js';

const { path } = scratch();
const file = model('digits-mlp-tanh');
const N = 64;
const numbers = Float32Array.from({ length: N * 64 }, (_, i) => Math.sin(i * 0.7));

interface CompileJson {
  readonly file: string;
  readonly bytes: number;
  readonly opset: number;
  readonly fim: string;
  readonly source: string;
  readonly statistic: string;
  readonly estimator: string;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly (string | number)[] }[];
}

describe('fim compile', () => {
  it('writes a file whose sums are those of fim estimate', async () => {
    const x = tensor('float32', [N, 64], numbers);
    const data = writeNpz(path('data.npz'), { x });
    const [compiled, fisher] = [path('fisher.onnx'), path('fisher.npz')];
    const words = ['--likelihood', 'categorical', '--freeze', 'fc1.bias'];
    const made = await fim(['compile', file, ...words, '-o', compiled]);
    expect(made.code).toBe(0);
    expect(made.out).toContain('inputs   x float32 [n, 64]\noutputs  h, examples, trace, sum/… (');
    const exact = ['--estimator', 'exact', '--dtype', 'float64', '--out', fisher];
    expect((await fim(['estimate', file, data, ...words, ...exact])).code).toBe(0);
    const out = await runOrt(new Uint8Array(readFileSync(compiled)), { x });
    const arrays = openArrays(new Uint8Array(readFileSync(fisher)), 'fisher.npz');
    const names = arrays.names.filter((name) => name.startsWith('fisher/'));
    expect(names.map((name) => name.replace('fisher', 'sum')).sort()).toEqual(
      Object.keys(out)
        .filter((name) => name.startsWith('sum/'))
        .sort(),
    );
    for (const name of names) {
      const mean = toFloat64(arrays.get(name));
      expectClose(
        toFloat64(out[name.replace('fisher', 'sum')]),
        mean.map((f) => f * N),
        1e-5,
        name,
      );
    }
  });

  it('says in JSON what the file says of itself', async () => {
    const asked = ['--statistic', 'scores', '--estimator', 'rademacher', '--labels', '3', '--opset', '20'];
    const said = await fimJson<CompileJson>([
      ...['compile', file, '--likelihood', 'categorical', '-o', path('scores.onnx'), ...asked],
    ]);
    expect(said).toMatchObject({
      file: path('scores.onnx'),
      opset: 20,
      fim: '0.0.0-test',
      statistic: 'scores',
      estimator: 'rademacher',
      draws: 3,
      columns: 3,
      inputs: [
        { name: 'x', shape: ['n', 64] },
        { name: 'uniforms', shape: ['n', 3, 10] },
      ],
    });
    expect(said.source).toMatch(/^[0-9a-f]{64}$/);
  });

  it('refuses what it does not offer before anything is written', async () => {
    const out = path('none.onnx');
    const base = ['compile', file, '--likelihood', 'categorical', '-o', out];
    expectComplaint(await fim([...base, '--statistic', 'hessian']), {
      code: 2,
      says: [/one of diagonal, factors, scores/],
    });
    expectComplaint(await fim([...base, '--estimator', 'type2']), {
      code: 3,
      says: [/exact, empirical, rademacher/],
    });
    expectComplaint(await fim([...base, '--labels', '3']), { code: 2, says: [/--estimator/] });
    expectComplaint(await fim(['compile', file, '--likelihood', 'categorical', '-o', path('no/f.onnx')]), {
      code: 3,
      says: [/folder that exists/],
    });
    expectComplaint(await fim(['compile', file, '--likelihood', 'categorical', '-o', file]), {
      code: 2,
      says: [/same command/],
    });
    expect(existsSync(out)).toBe(false);
  });
});
