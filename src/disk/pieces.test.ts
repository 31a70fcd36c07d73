import { expect, it } from 'vitest';
import { pieces } from './pieces.js';

it('pieces are the parts one after another, few and none empty', () => {
  const sizes = [0, 1, 70_000, 3, 0, 65_536, 65_535, 1, 1, 200_000, 5];
  let next = 0;
  const parts = sizes.map((size) => Uint8Array.from({ length: size }, () => next++ % 251));
  const got = [...pieces(parts)];
  expect(Buffer.concat(got).equals(Buffer.concat(parts))).toBe(true);
  expect(got.map(({ length }) => length)).toEqual([1, 70_000, 3, 65_536, 65_536, 1, 200_000, 5]);
  expect([...pieces([])]).toEqual([]);
  expect([...pieces([new Uint8Array(0)])]).toEqual([]);
});
