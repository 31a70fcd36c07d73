/**
 * Parts of a convolution's positions: their products add up to that of all, whatever the windows, and each lays out what is allowed.
 */
import { describe, expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import { sizeOf, tensor, type Tensor } from '../core/tensor.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import { concrete } from '../graph/dims.js';
import { input, N, ops as b, type Value } from '../graph/index.js';
import type { WindowMap } from '../graph/ops/window-map.js';
import { apply } from '../graph/registry.js';
import { partsOf } from './position-parts.js';
import type { Positions } from './positions.js';

const n = 2;
const K = 2;
const OUT = 3;

interface Case {
  readonly channels: number;
  readonly groups: number;
  readonly map: WindowMap;
}

const one = (
  kernel: number,
  stride: number,
  dilation: number,
  before: number,
  count: number,
  length: number,
) => ({
  ...{
    kernel: [kernel],
    stride: [stride],
    dilation: [dilation],
    before: [before],
    count: [count],
    length: [length],
  },
});

const two = (a: WindowMap, c: WindowMap): WindowMap => ({
  kernel: [...a.kernel, ...c.kernel],
  stride: [...a.stride, ...c.stride],
  dilation: [...a.dilation, ...c.dilation],
  before: [...a.before, ...c.before],
  count: [...a.count, ...c.count],
  length: [...a.length, ...c.length],
});

const CASES: Record<string, Case> = {
  'one axis': { channels: 2, groups: 1, map: one(3, 1, 1, 1, 7, 7) },
  'strides and dilation': { channels: 2, groups: 1, map: one(3, 2, 2, 2, 5, 9) },
  'two axes, padded': { channels: 2, groups: 1, map: two(one(3, 1, 1, 1, 6, 6), one(2, 1, 1, 0, 4, 5)) },
  'two axes in groups': { channels: 4, groups: 2, map: two(one(3, 2, 1, 1, 4, 8), one(3, 1, 1, 1, 5, 5)) },
  'windows in the padding alone': { channels: 1, groups: 1, map: one(2, 3, 1, 4, 5, 3) },
  'three axes': {
    channels: 1,
    groups: 1,
    map: two(two(one(2, 1, 1, 0, 4, 5), one(2, 1, 1, 1, 4, 3)), one(1, 1, 1, 0, 2, 2)),
  },
};

function positionsOf({ channels, groups, map }: Case): Positions & { readonly image: Value } {
  const volume = (dims: readonly number[]) => dims.reduce((p, d) => p * d, 1);
  const image = input('x', 'float64', [N, channels, ...map.length]);
  const [width, R] = [(channels / groups) * volume(map.kernel), volume(map.count)];
  const x = b.reshape(apply('Unfold', [image], { ...map }), [N, groups, width, R]);
  return { image, x, g: input('g', 'float64', [N, K, groups, OUT, R]), turned: true };
}

const product = ({ x, g }: Positions): Value => b.matmul(g, b.unsqueeze(b.swapLast(x), [1]));

function filled(v: Value, seed: number): Tensor {
  const shape = concrete(v.shape, n);
  const rng = new Sequence(seed, 'parts');
  return tensor(
    'float64',
    shape,
    Float64Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  );
}

describe.each(Object.entries(CASES))('%s', (_, given) => {
  const positions = positionsOf(given);
  const values = new Map<Value, Tensor>([
    [positions.image, filled(positions.image, 1)],
    [positions.g, filled(positions.g, 2)],
  ]);
  const valueOf = (v: Value) => Float64Array.from(evaluate([v], values, n)[0].data);
  const rows = given.map.count[0];

  it.each([1, 2, rows])('%d rows at once', (each) => {
    const numbers = sizeOf(concrete(positions.x.shape, 1));
    const parts = partsOf(positions, Math.ceil((each * numbers) / rows));
    expect(parts.length).toBe(Math.ceil(rows / each));
    for (const part of parts)
      expect(sizeOf(concrete(part.x.shape, 1))).toBeLessThanOrEqual((each * numbers) / rows);
    const sum = parts.map(product).reduce((a, c) => b.add(a, c));
    const whole = valueOf(product(positions));
    valueOf(sum).forEach((s, i) => expect(Math.abs(s - whole[i])).toBeLessThan(1e-13));
    expect(whole.some((s) => Math.abs(s) > 1)).toBe(true);
  });

  it('few are taken together', () => {
    expect(partsOf(positions)).toEqual([positions]);
  });
});
