import { describe, expect, it } from 'vitest';
import { decodeElements, ELEMENTS, encodeElements, halfToNumber } from './elements.js';
import type { ElementFormat } from './elements.js';
import { tensor } from '../core/tensor.js';

describe('halfToNumber', () => {
  it('knows the landmarks of IEEE 754 binary16', () => {
    const cases: [number, number][] = [
      [0x3c00, 1],
      [0xc000, -2],
      [0x7bff, 65504],
      [0x0400, 2 ** -14],
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x3555, 0.333251953125],
      [0x7c00, Infinity],
      [0xfc00, -Infinity],
      [0x8000, -0],
      [0x7e01, NaN],
    ];
    for (const [bits, value] of cases) expect(halfToNumber(bits)).toBe(value);
  });

  it('increases with its bits and is odd in its sign, over every finite half', () => {
    let wrong = 0;
    for (let bits = 0; bits < 0x7c00; bits++) {
      const value = halfToNumber(bits);
      if (bits > 0 && !(value > halfToNumber(bits - 1))) wrong++;
      if (!Object.is(halfToNumber(bits | 0x8000), -value)) wrong++;
      if (Math.fround(value) !== value) wrong++;
    }
    expect(wrong).toBe(0);
  });
});

describe('decodeElements', () => {
  it('reads bfloat16 as the upper half of float32', () => {
    const bytes = Uint8Array.of(0x80, 0x3f, 0x49, 0xc0, 0x00, 0x00);
    expect([...decodeElements(bytes, 'bf2', true)]).toEqual([1, -3.140625, 0]);
  });

  it('widens without losing the largest values', () => {
    const ones = new Uint8Array(4).fill(255);
    expect([...decodeElements(ones, 'u4', true)]).toEqual([4294967295n]);
    expect([...decodeElements(ones, 'u2', true)]).toEqual([65535, 65535]);
    expect([...decodeElements(ones, 'i2', false)]).toEqual([-1, -1]);
    expect([...decodeElements(Uint8Array.of(0, 1, 2), 'b1', true)]).toEqual([0, 1, 1]);
  });

  it('reads the other byte order as the reversed bytes', () => {
    const bytes = Uint8Array.from({ length: 48 }, (_, i) => i * 5);
    for (const format of Object.keys(ELEMENTS) as ElementFormat[]) {
      const width = ELEMENTS[format].bytes;
      const reversed = bytes.slice();
      for (let at = 0; at < 48; at += width) reversed.subarray(at, at + width).reverse();
      expect(decodeElements(reversed, format, false)).toEqual(decodeElements(bytes, format, true));
    }
  });

  it('copies, whatever the alignment of the source', () => {
    const file = new Uint8Array(19);
    file.set(encodeElements(tensor('float64', [2], [Math.PI, -1e-300])), 3);
    const data = decodeElements(file.subarray(3), 'f8', true);
    file.fill(0);
    expect([...data]).toEqual([Math.PI, -1e-300]);
  });
});
