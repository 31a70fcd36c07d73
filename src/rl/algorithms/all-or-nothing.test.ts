/** What diverges leaves nothing behind: parameters, optimiser state and running factors are those of before, bit for bit. */
import { describe, expect, it } from 'vitest';
import { FimError } from '../../core/errors.js';
import type { FloatArray } from '../../core/tensor.js';
import type { Segment } from '../rollout/collector.js';
import { solving } from './all-or-nothing.js';
import { createAlgorithm } from './create.js';
import { type Bench, bench, FIRST } from './segment.fixture.js';
import type { Algorithm, Moment } from './types.js';

const SECOND = { update: 1, progress: 0 };
const names = ['npg', 'trpo', 'smac', 'woodbury', 'diagonal', 'acktr'] as const;

function everything(made: Bench, algorithm: Algorithm) {
  const { store } = made.context;
  const slots = store.names().map((name) => [name, (store.view(name) as FloatArray).slice()]);
  return structuredClone({ slots, own: algorithm.save() });
}

const with_ =
  (field: 'advantages' | 'returns', value: number) =>
  (segment: Segment): Segment => ({
    ...segment,
    [field]: segment[field].map((v, i) => (i === 3 ? value : v)),
  });

const SPOILT: Readonly<Record<string, (segment: Segment) => Segment>> = {
  'an advantage that is NaN': with_('advantages', NaN),
  'an advantage of 1e200': with_('advantages', 1e200),
  'a return that is NaN, found after the policy has moved': with_('returns', NaN),
  'an infinite return': with_('returns', -Infinity),
};

it.each(names)('%s: after updates that are refused it goes on as if they had not been', async (name) => {
  const runs = [await bench('box'), await bench('box')];
  const options = { normaliseAdvantages: false };
  const algorithms = await Promise.all(runs.map((made) => createAlgorithm(name, made.context, options)));
  const both = async (moment: Moment): Promise<void> => {
    for (const [i, made] of runs.entries()) await algorithms[i].update(made.segment, moment);
  };
  await both(FIRST);
  const [made] = runs;
  const before = everything(made, algorithms[0]);
  for (const [what, spoil] of Object.entries(SPOILT)) {
    await expect(algorithms[0].update(spoil(made.segment), SECOND), what).rejects.toMatchObject({
      code: 'likelihood/not-finite',
    });
    expect(everything(made, algorithms[0]), what).toEqual(before);
  }
  await both(SECOND);
  expect(everything(made, algorithms[0])).toEqual(everything(runs[1], algorithms[1]));
});

describe('a step out of the finite', () => {
  it.each(['npg', 'smac', 'woodbury', 'diagonal'] as const)('of fixed length: %s', async (name) => {
    const made = await bench('box');
    const rule = name === 'woodbury' ? { dampingRule: 'fixed' } : {};
    const options = { step: 'fixed', learningRate: 1e308, damping: 1e-3, ...rule };
    const algorithm = await createAlgorithm(name, made.context, options);
    const before = everything(made, algorithm);
    await expect(algorithm.update(made.segment, FIRST)).rejects.toMatchObject({
      code: 'likelihood/not-finite',
      complaint: { got: expect.stringMatching(/Infinity|NaN/) as string },
    });
    expect(everything(made, algorithm)).toEqual(before);
  });

  it.each(['npg', 'smac', 'woodbury', 'diagonal', 'acktr'] as const)('of a KL of 1e12: %s', async (name) => {
    const made = await bench('box');
    const free = name === 'acktr' ? { learningRate: 1e300 } : { step: 'kl' };
    const algorithm = await createAlgorithm(name, made.context, { ...free, targetKl: 1e12 });
    const before = everything(made, algorithm);
    await expect(algorithm.update(made.segment, FIRST)).rejects.toMatchObject({
      code: 'likelihood/not-finite',
    });
    expect(everything(made, algorithm)).toEqual(before);
  });

  it('of TRPO is only too long', async () => {
    const made = await bench('box');
    const options = { targetKl: 1e12, backtrack: 0.01, klScale: 'exact' } as const;
    const algorithm = await createAlgorithm('trpo', made.context, options);
    const metrics = await algorithm.update(made.segment, FIRST);
    expect(metrics.backtracks).toBeGreaterThan(0);
    expect(made.parameters().every(Number.isFinite)).toBe(true);
  });
});

describe('solving', () => {
  const failing = (code: string, kind?: 'usage') => (): Promise<never> =>
    Promise.reject(new FimError({ code, where: 'here', rule: 'rule', got: '7', ...(kind ? { kind } : {}) }));

  it('takes a solver’s complaint about numbers for a divergence and keeps its words', async () => {
    await expect(solving(failing('optim/kl-direction'))).rejects.toMatchObject({
      code: 'likelihood/not-finite',
      complaint: { got: 'here: rule; 7' },
    });
  });

  it('leaves other complaints as they are', async () => {
    await expect(solving(failing('optim/kl-target', 'usage'))).rejects.toMatchObject({
      code: 'optim/kl-target',
    });
    await expect(solving(failing('optim/conjugate-gradient', 'usage'))).rejects.toMatchObject({
      kind: 'usage',
    });
    await expect(solving(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await solving(() => Promise.resolve(3))).toBe(3);
  });
});
