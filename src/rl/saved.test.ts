import { expect, it } from 'vitest';
import { packSaved, unpackSaved } from './saved.js';

const saved = {
  kind: 'thing',
  header: { steps: 3 },
  arrays: { a: Float64Array.of(1, NaN, -0), b: new Float64Array(0) },
};

/** Saved bytes with another header. */
function headed(head: unknown): Uint8Array {
  const text = JSON.stringify(head);
  const json = new TextEncoder().encode(text.padEnd(8 * Math.ceil(text.length / 8)));
  const bytes = new Uint8Array(8 + json.length + 8);
  bytes.set(packSaved(saved).subarray(0, 4));
  new DataView(bytes.buffer).setUint32(4, json.length, true);
  bytes.set(json, 8);
  return bytes;
}

it('comes back bit for bit', () => {
  expect(unpackSaved(packSaved(saved), 'thing', 'here')).toEqual(saved);
});

it('headers that save() never wrote, and bytes that end elsewhere, are refused', () => {
  const head = { kind: 'thing', header: {}, arrays: [['a', 1]] };
  expect(unpackSaved(headed(head), 'thing', 'here').arrays.a).toHaveLength(1);
  for (const other of [
    null,
    [],
    'thing',
    { ...head, kind: 'other' },
    { ...head, header: null },
    { ...head, arrays: null },
    { ...head, arrays: [['a', -1]] },
    { ...head, arrays: [['a', 1.5]] },
    { ...head, arrays: [['a', '1']] },
    { ...head, arrays: [null] },
    { ...head, arrays: [['a', 2]] },
    { ...head, arrays: [['a', 2 ** 40]] },
    { ...head, arrays: [['a', 0]] },
    { ...head, arrays: [['__proto__', 1]] },
    {
      ...head,
      arrays: [
        ['a', 0],
        ['a', 1],
      ],
    },
  ])
    expect(() => unpackSaved(headed(other), 'thing', 'here')).toThrow(
      expect.objectContaining({ code: 'rl/saved' }) as Error,
    );
});
