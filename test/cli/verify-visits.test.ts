/** `fim verify` of files of weighted visits: what is right passes, what is doubled does not. */
import { expect, it } from 'vitest';
import { tensor } from '../../src/core/tensor.js';
import { readArrays, writeArrays } from '../../src/disk/index.js';
import { fim } from './fim.js';
import { SAID, smallFisher } from './small-fisher.js';

const { path, network, data, estimated } = smallFisher();

interface Verified {
  readonly ratio: number;
  readonly standardError: number;
}

async function verified(file: string): Promise<{ code: number; directions: readonly Verified[] }> {
  const { code, out } = await fim(['verify', file, network, data, ...SAID, '--json']);
  return { code, directions: (JSON.parse(out) as { directions: readonly Verified[] }).directions };
}

/** The same file with twice the Fisher, as a whole and by groups. */
function doubled(file: string, name: string): string {
  const arrays = readArrays(file);
  const twice = arrays.names.map((key) => {
    const t = arrays.get(key);
    const isFisher = /^(groups\/(drawn\/|taken\/)?)?fisher\//.test(key);
    return [
      key,
      isFisher
        ? tensor(
            'float64',
            [...t.shape],
            Float64Array.from(t.data as Float64Array, (v) => 2 * v),
          )
        : t,
    ] as const;
  });
  const out = path(`${name}.npz`);
  writeArrays(out, new Map(twice), arrays.manifest());
  return out;
}

it.each(['distribution', 'data'])('of a %s', async (population) => {
  const file = await estimated(
    `visited-${population}`,
    ...['--estimator', 'exact', '--visits', 'weighted', '--examples', '40', '--population', population],
  );
  const right = await verified(file);
  expect(right.code).toBe(0);
  expect(right.directions.length).toBeGreaterThan(4);
  const wrong = await verified(doubled(file, `doubled-${population}`));
  expect(wrong.directions.map(({ ratio }) => 2 * ratio)).toEqual(
    right.directions.map(({ ratio }) => expect.closeTo(ratio, 6) as number),
  );
  expect(wrong.code).toBe(1);
  // Of groups that are not those of the file, the ratio would have the spread of the inputs.
  const errors = right.directions.map(({ standardError }) => standardError).sort((a, b) => a - b);
  expect(errors[errors.length >> 1]).toBeLessThan(0.2);
});

it('of two visits, of which one half of the groups holds none: a ratio for every direction, and no zeros', async () => {
  for (const examples of ['1', '2', '3']) {
    const file = await estimated(
      `few-visits-${examples}`,
      ...['--estimator', 'exact', '--visits', 'weighted', '--examples', examples],
    );
    const { directions } = await verified(file);
    expect(directions.length).toBeGreaterThan(0);
    for (const { ratio, standardError } of directions)
      expect([Number.isFinite(ratio), Number.isFinite(standardError)]).toEqual([true, true]);
  }
});
