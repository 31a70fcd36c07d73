import { describe, expect, it } from 'vitest';
import { arrayOf, fixture } from '../../test/fisher/fixtures.js';
import { createSmallEngine } from '../engine/small/index.js';
import { Passes } from '../fisher/passes.js';
import { input, N, type Value } from '../graph/index.js';
import { outputs } from '../likelihood/batch.js';
import { kroneckerFactors } from './kronecker.js';
import { scoresOf } from './reverse.js';
import type { Sharing } from './score.js';

/** Both convolutions of the fixture. */
const LAYERS = ['conv1', 'conv2'];

describe.each(['expand', 'reduce'] as const)('Kronecker factors of convolutions, %s', (sharing: Sharing) => {
  it.each([false, true])('are those that PyTorch gives, homogeneous: %s', async (homogeneous) => {
    const { network, likelihood, n, x } = fixture('digits-lenet');
    const { h, parameters } = network;
    const T = h.shape[1] as number;
    const ct = input('ct', h.dtype, [N, T, T]);
    const w = input('w', h.dtype, [N, T]);
    const made: Record<string, Value> = {};
    const scores = scoresOf(h, [...parameters.values()], ct);
    for (const layer of LAYERS) {
      const weight = parameters.get(`${layer}.weight`) as Value;
      const score = scores.find((s) => s.site.parameter === weight);
      const factors = score && kroneckerFactors(score, w, homogeneous, sharing);
      if (!factors) throw new Error(`${layer} has no factors`);
      made[`A/${layer}`] = factors.A;
      made[`G/${layer}`] = factors.G;
    }
    const programs = await Passes.compile(
      createSmallEngine(),
      network,
      { f: { late: { ct, w }, outputs: made } },
      n,
    );
    const at = outputs(await programs.forward(new Map([['x', x.data]]), n), n, T);
    const late = { ct: new Float64Array(n * T * T), w: new Float64Array(n * T) };
    likelihood.columns(at, late.ct, late.w);
    const output = await programs.backward('f', late, n);
    for (const layer of LAYERS) {
      for (const factor of ['A', 'G'] as const) {
        const key = factor === 'A' && homogeneous ? 'A_homogeneous' : factor;
        const want = arrayOf('digits-lenet', `kfac_${sharing}/${layer}/${key}`);
        const got = output(`${factor}/${layer}`) as Float64Array;
        expect(got.length).toBe(want.length);
        const largest = Math.max(...want.map(Math.abs));
        for (let i = 0; i < want.length; i++)
          expect(Math.abs(got[i] / n - want[i])).toBeLessThan(1e-9 * largest);
      }
    }
    programs.dispose();
  });
});
