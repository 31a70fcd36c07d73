import { describe, expect, it } from 'vitest';
import { expectClose } from '../../../../test/fisher/close.js';
import { sourceOf } from '../../../../test/fisher/examples.js';
import { smallNetwork } from '../../../../test/fisher/small-network.js';
import { bernoulliLaw, categoricalLaw, gaussianLaw } from '../../../../test/support/laws.js';
import { UniformStream } from '../../../core/random.js';
import { tensor } from '../../../core/tensor.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import { seedOf, zScore, Z_LIMIT } from '../../../stats/ztest.js';
import { estimateDense } from './dense.js';
import { denseMoments, rowSums } from './moments.js';
import { derivatives } from './derivatives.js';
import { elementsOf } from './elements.js';

const engine = createSmallEngine();

describe('identities', () => {
  it('a Gaussian with known variance: 𝒱1_ij = 𝔽_ii 𝔽_jj + 𝔽_ij²', async () => {
    const { network, x } = smallNetwork('tanh', 3, 9);
    const { likelihood } = gaussianLaw([0], 2);
    for await (const batch of derivatives(engine, network, sourceOf(x)))
      for (const elements of elementsOf(batch, likelihood)) {
        const at = (i: number, j: number) => elements.at(i, j).fisher;
        for (let i = 0; i < elements.P; i++)
          for (let j = 0; j < elements.P; j++) {
            const want = at(i, i) * at(j, j) + at(i, j) ** 2;
            expect(Math.abs(elements.at(i, j).type1 - want)).toBeLessThanOrEqual(1e-12 * want + 1e-300);
          }
      }
  });

  it.each([
    ['one Bernoulli output', bernoulliLaw, 1],
    ['two classes', categoricalLaw, 2],
  ] as const)('%s: the oracle mix has no variance where the deviations differ', async (_, law, T) => {
    const { network, x } = smallNetwork('sigmoid', T, 4);
    const { likelihood } = law(new Array<number>(T).fill(0));
    let judged = 0;
    for await (const batch of derivatives(engine, network, sourceOf(x))) {
      let e = 0;
      for (const elements of elementsOf(batch, likelihood)) {
        const H = new Float64Array(T);
        const h = batch.h.data.slice(e * T, (e + 1) * T);
        e += 1;
        const p = 1 / (1 + Math.exp(T === 1 ? -h[0] : h[0] - h[1]));
        for (let i = 0; i < elements.P; i++)
          for (let j = 0; j < elements.P; j++) {
            const { fisher, type1, type2, oracle } = elements.at(i, j);
            elements.hessian(i, j, H);
            // Both deviations at y = 1.
            const J = (k: number) =>
              T === 1 ? elements.jacobian[k] : elements.jacobian[elements.P + k] - elements.jacobian[k];
            const d1 = (1 - p) ** 2 * J(i) * J(j) - fisher;
            const d2 = -(1 - p) * (T === 1 ? H[0] : H[1] - H[0]);
            if (Math.abs(d1 - d2) < 0.1 * (Math.abs(d1) + Math.abs(d2)) || type1 + type2 === 0) continue;
            judged += 1;
            expect(Math.abs(oracle)).toBeLessThanOrEqual(1e-12 * (type1 + type2));
          }
      }
    }
    expect(judged).toBeGreaterThan(1000);
  });

  it('row sums of 𝒱1: Σ_c p_c s_ci² ‖s_c‖² − (𝔽²)_ii', async () => {
    const { network, x } = smallNetwork('softplus', 3, 2);
    const { likelihood } = categoricalLaw([0, 0, 0]);
    const one = tensor('float64', [1, 3], x.data.slice(0, 3));
    const { type1, fisher, P } = await denseMoments(engine, network, likelihood, sourceOf(one));
    for await (const batch of derivatives(engine, network, sourceOf(one)))
      for (const { columns, weights, jacobian } of elementsOf(batch, likelihood)) {
        const want = new Float64Array(P);
        for (let c = 0; c < 3; c++) {
          const s = Float64Array.from({ length: P }, (_, i) =>
            [0, 1, 2].reduce((v, a) => v + columns[c * 3 + a] * jacobian[a * P + i], 0),
          );
          const norm = s.reduce((v, q) => v + q * q, 0);
          for (let i = 0; i < P; i++) want[i] += weights[c] * s[i] ** 2 * norm;
        }
        for (let i = 0; i < P; i++) for (let j = 0; j < P; j++) want[i] -= fisher[i * P + j] ** 2;
        expectClose(rowSums(type1, P), want, 1e-12);
      }
  });
});

describe('exact dense estimates', () => {
  const laws = {
    categorical: categoricalLaw([0, 0, 0]),
    bernoulli: bernoulliLaw([0, 0, 0]),
    gaussian: gaussianLaw([0, 0, 0], 2),
  };
  const stream = new UniformStream(1, 'labels');

  it.each(['categorical', 'bernoulli', 'gaussian'] as const)(
    '%s: every element and its data error, as element by element',
    async (family) => {
      const { network, x } = smallNetwork('tanh', 3, 9);
      const { likelihood } = laws[family];
      const dense = await estimateDense(engine, network, likelihood, sourceOf(x), {
        estimator: 'exact',
        stream,
      });
      const { P, fisher, examples } = await denseMoments(engine, network, likelihood, sourceOf(x));
      expectClose(dense.fisher, fisher, 1e-12);
      const squares = new Float64Array(P * P);
      for await (const batch of derivatives(engine, network, sourceOf(x)))
        for (const elements of elementsOf(batch, likelihood))
          for (let at = 0; at < P * P; at++)
            squares[at] += (elements.at(Math.floor(at / P), at % P).fisher - fisher[at]) ** 2;
      const want = squares.map((s) => Math.sqrt(s / (examples - 1) / examples));
      expectClose(dense.dataError, want, 1e-10);
      expect(dense.labelError?.every((v) => v === 0)).toBe(true);
    },
  );

  it('a signal ends it with the whole examples so far, and pauses come within one', async () => {
    const { network, x } = smallNetwork('tanh', 3, 9, 7);
    const { likelihood } = laws.categorical;
    const stop = new AbortController();
    let pauses = 0;
    const run = (signal: AbortSignal, source = sourceOf(x)) =>
      estimateDense(engine, network, likelihood, source, {
        estimator: 'exact',
        stream,
        signal,
        onExample: (examples) => (examples === 4 ? stop.abort() : undefined),
        pause: async () => void pauses++,
      });
    const cut = await run(stop.signal);
    expect([cut.interrupted, cut.examples, pauses]).toEqual([true, 4, 5]);
    const five = tensor('float64', [5, 3], x.data.slice(0, 15));
    const whole = await run(new AbortController().signal, sourceOf(five));
    // The example that was begun is in the rows that were made.
    expectClose(cut.fisher, whole.fisher, 1e-12);
  });
});

describe('sampled dense estimates', () => {
  const cases = (['type1', 'type2', 'mix'] as const).flatMap((estimator) =>
    (['categorical', 'bernoulli', 'gaussian'] as const).map((family) => [estimator, family] as const),
  );
  it.each(cases)('%s, %s: unbiased, with the error it says', async (estimator, family) => {
    const name = `dense ${estimator} ${family}`;
    const T = 2;
    const { network, x } = smallNetwork('tanh', T, 7, 1);
    const laws = {
      categorical: categoricalLaw,
      bernoulli: bernoulliLaw,
      gaussian: (h: number[]) => gaussianLaw(h, 1),
    };
    const { likelihood } = laws[family]([0, 0]);
    const exact = await denseMoments(engine, network, likelihood, sourceOf(x));
    const P = exact.P;
    const K = 1000;
    const shared = { estimator, labels: K, alpha: 0.3, stream: new UniformStream(seedOf(name), 'labels') };
    const closed = await estimateDense(engine, network, likelihood, sourceOf(x), shared);
    const sampled = await estimateDense(engine, network, likelihood, sourceOf(x), {
      ...shared,
      error: 'sampled',
    });
    expectClose(sampled.fisher, closed.fisher, 1e-12);
    const top = Math.max(...closed.labelError!);
    // Elements that are affine in one another give the same z, so a few say as much as all.
    for (let i = 0; i < P; i += 3)
      for (let j = i; j < P; j += 5) {
        const at = i * P + j;
        const se = closed.labelError![at];
        if (se <= 1e-12 * top) {
          expect(Math.abs(closed.fisher[at] - exact.fisher[at])).toBeLessThanOrEqual(1e-12);
          continue;
        }
        expect(Math.abs(zScore(closed.fisher[at], exact.fisher[at], se))).toBeLessThanOrEqual(Z_LIMIT);
        expect(Math.abs(sampled.labelError![at] / se - 1)).toBeLessThan(0.5);
      }
  });
});
