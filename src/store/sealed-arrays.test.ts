/** Arrays come back from under their seal, or it is said which is not what was written. */
import { expect, it } from 'vitest';
import { type Tensor, tensor } from '../core/tensor.js';
import { formatArrays, openArrays } from '../data/arrays.js';
import type { Manifest } from '../data/manifest.js';
import { sealedManifest, unsealedArrays } from './sealed-arrays.js';

const ARRAYS = new Map<string, Tensor>([
  ['a', tensor('float64', [2, 2], [1, Number.NaN, -0, 5e-324])],
  ['b/"c"', tensor('uint8', [3], [0, 1, 255])],
  ['none', tensor('float32', [0, 4], [])],
  ['', tensor('int32', [], [7])],
]);
const MANIFEST = { kind: 'sums', n: 3, seconds: 1.5, nested: { seconds: 2, '2': null, '1': 'é\ud800' } };

const opened = (arrays: ReadonlyMap<string, Tensor>, manifest: Manifest, schema = 'x/1') =>
  unsealedArrays(schema, openArrays(formatArrays('npz', arrays, manifest, 'x'), 'x.npz'));
const SEALED = sealedManifest('x/1', ARRAYS, MANIFEST);

it.each(['npz', 'safetensors'] as const)('what was written comes back: %s', (format) => {
  const file = openArrays(formatArrays(format, ARRAYS, SEALED, 'x'), `x.${format}`);
  const back = unsealedArrays('x/1', file);
  if (typeof back === 'string') throw new Error(back);
  expect(back.manifest).toEqual(MANIFEST);
  for (const [name, t] of ARRAYS) expect(back.get(name)).toEqual(t);
});

it('another number, type, shape or order of names is told', () => {
  const told = (name: string, t: Tensor): unknown => {
    const file = opened(new Map([...ARRAYS, [name, t]]), SEALED);
    return typeof file === 'string' ? file : file.get(name);
  };
  const wrong = /numbers of the array .* of another checksum than the manifest says/;
  expect(told('a', tensor('float64', [2, 2], [1, Number.NaN, 0, 5e-324]))).toMatch(wrong);
  expect(told('a', tensor('float64', [4], [1, Number.NaN, -0, 5e-324]))).toMatch(wrong);
  expect(told('b/"c"', tensor('uint8', [3], [1, 0, 255]))).toMatch(wrong);
  expect(told('none', tensor('float32', [4, 0], []))).toMatch(wrong);
  expect(told('more', tensor('uint8', [1], [0]))).toMatch(/"more" more or less than was written/);
  const less = new Map([...ARRAYS].slice(1));
  expect(opened(less, SEALED)).toMatch(/"a" more or less than was written/);
});

it('another word of the manifest, schema or version is told', () => {
  const { seal, ...plain } = SEALED as { seal: Record<string, unknown> };
  expect(opened(ARRAYS, plain)).toBe('a file without a seal');
  expect(opened(ARRAYS, { ...plain, seal: {} })).toMatch(/without the checksums/);
  expect(opened(ARRAYS, { ...plain, seal: null })).toMatch(/without the checksums/);
  for (const other of [{ n: 4 }, { seconds: 2 }, { more: 1 }, { nested: {} }])
    expect(opened(ARRAYS, { ...plain, ...other, seal })).toMatch(/a manifest of another checksum/);
  expect(opened(ARRAYS, { ...plain, seal: { ...seal, fim: '0.0.1' } })).toMatch(/fim "0.0.1", where this is/);
  expect(opened(ARRAYS, { ...plain, seal: { ...seal, arrays: [] } })).toMatch(/a manifest of another/);
  expect(opened(ARRAYS, SEALED, 'x/2')).toMatch(/of schema "x\/1"/);
});
