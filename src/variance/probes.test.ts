import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../test/fisher/examples.js';
import { smallNetwork } from '../../test/fisher/small-network.js';
import { tensor } from '../core/tensor.js';
import { createSmallEngine } from '../engine/small/index.js';
import { getLikelihood } from '../likelihood/index.js';
import { denseNetwork } from '../model/dense.js';
import { seedOf, Z_LIMIT, zScore } from '../stats/ztest.js';
import { curvatureProbes } from './curvature-probes.js';
import { frobeniusErrors } from './frobenius.js';
import { frobeniusProbes, labelProbes } from './probes.js';
import { varianceProfile } from '../fisher/closed-forms/profile.js';
import type { Probed } from './repeats.js';

const engine = createSmallEngine();
const families = {
  categorical: getLikelihood('categorical'),
  bernoulli: getLikelihood('bernoulli'),
  gaussian: getLikelihood('gaussian', { variance: 2 }),
};
const names = Object.keys(families) as (keyof typeof families)[];

/** Estimates against exact values: |z| ≤ 4.5, and equality where the estimator has no spread. */
function judge({ value, standardError }: Probed, exact: ArrayLike<number>, scale: number): void {
  expect(value.length).toBe(exact.length);
  value.forEach((v, i) => {
    if (standardError[i] <= 1e-12 * scale) expect(Math.abs(v - exact[i])).toBeLessThanOrEqual(1e-10 * scale);
    else expect(Math.abs(zScore(v, exact[i], standardError[i]))).toBeLessThanOrEqual(Z_LIMIT);
  });
}

describe('unbiased versions against the exact variances', () => {
  it.each(names)('labels, %s', async (family) => {
    const likelihood = families[family];
    const { network, x } = smallNetwork('tanh', 3, 6);
    const seed = seedOf(`label probes ${family}`);
    const { all } = await varianceProfile(engine, network, likelihood, sourceOf(x));
    const exact = await frobeniusErrors(engine, network, likelihood, sourceOf(x), { second: false });
    for (const labels of [2, 5]) {
      const options = { repeats: 600, labels, seed };
      const { tensors, groups } = await labelProbes(engine, network, likelihood, sourceOf(x), options);
      for (const t of all.tensors) judge(tensors.get(t.name)!, t.type1, Math.max(...t.type1));
      groups.forEach(({ type1 }, g) => judge(type1, [exact[g].type1], exact[g].type1));
    }
  });

  it.each(names)('Hessian-vector products, %s', async (family) => {
    const likelihood = families[family];
    const { network, x } = smallNetwork('softplus', 3, 6);
    const seed = seedOf(`frobenius probes ${family}`);
    const exact = await frobeniusErrors(engine, network, likelihood, sourceOf(x));
    const probed = await frobeniusProbes(engine, network, likelihood, sourceOf(x), { repeats: 500, seed });
    const scale = Math.max(...exact.map((e) => e.type2!));
    probed.forEach(({ type2 }, g) => judge(type2, [exact[g].type2!], scale));
  });

  it.each(names)('signs at the neurons, %s: four hidden layers', async (family) => {
    const likelihood = families[family];
    const network = denseNetwork({
      widths: [3, 4, 4, 3, 3, 2],
      activation: 'tanh',
      seed: 8,
      dtype: 'float64',
    });
    const x = tensor('float64', [2, 3], [0.5, -1, 0.3, 1, 0.2, -0.7]);
    const seed = seedOf(`curvature probes ${family}`);
    const { all } = await varianceProfile(engine, network, likelihood, sourceOf(x));
    const probed = await curvatureProbes(engine, network, likelihood, sourceOf(x), { repeats: 800, seed });
    let noisy = 0;
    for (const t of all.tensors) {
      const p = probed.get(t.name)!;
      judge(p, t.type2, Math.max(1e-300, ...t.type2));
      if (p.standardError.some((s) => s > 1e-9 * Math.max(...t.type2))) noisy += 1;
    }
    // Exact from the third layer on: nothing lies further than one weight away.
    expect(noisy).toBe(4);
  });

  it('a ReLU network has nothing to probe', async () => {
    const { network, x } = smallNetwork('relu', 2, 3);
    const likelihood = families.bernoulli;
    const probed = await curvatureProbes(engine, network, likelihood, sourceOf(x), { repeats: 3 });
    for (const { value } of probed.values()) expect(value.every((v) => v === 0)).toBe(true);
  });

  it('what has no such form is refused, naming it', async () => {
    const { network, x } = smallNetwork('tanh', 2, 3);
    const { ops: b } = await import('../graph/index.js');
    const softened = { ...network, h: b.softmax(network.h, 1) };
    await expect(curvatureProbes(engine, softened, families.bernoulli, sourceOf(x))).rejects.toThrow(
      /Softmax/,
    );
  });
});
