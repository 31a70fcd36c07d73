import { describe, expect, it } from 'vitest';
import { bfloat16ToFloat32, float16ToFloat32, float16Value } from './half.js';

describe('float16', () => {
  it('has the named values of IEEE 754', () => {
    expect(float16Value(0x3c00)).toBe(1);
    expect(float16Value(0xc000)).toBe(-2);
    expect(float16Value(0x7bff)).toBe(65504);
    expect(float16Value(0x0400)).toBe(2 ** -14);
    expect(float16Value(0x0001)).toBe(2 ** -24);
    expect(float16Value(0x7c00)).toBe(Infinity);
    expect(float16Value(0xfc00)).toBe(-Infinity);
    expect(Object.is(float16Value(0x8000), -0)).toBe(true);
  });

  it('goes up by one unit in the last place from each value to the next, and mirrors', () => {
    expect(float16Value(0)).toBe(0);
    const wrong: number[] = [];
    for (let bits = 0; bits < 0x7bff; bits++) {
      const unit = 2 ** (Math.max(bits >> 10, 1) - 25);
      const value = float16Value(bits);
      if (float16Value(bits + 1) - value !== unit || float16Value(bits | 0x8000) !== -value) wrong.push(bits);
    }
    for (let bits = 0x7c01; bits <= 0x7fff; bits++) if (!Number.isNaN(float16Value(bits))) wrong.push(bits);
    expect(wrong).toEqual([]);
  });

  it('fits float32', () => {
    const bits = Uint16Array.from({ length: 0x7c00 }, (_, k) => k);
    expect([...float16ToFloat32(bits)]).toEqual(Array.from(bits, float16Value));
  });
});

describe('bfloat16', () => {
  it('is the upper half of a float32', () => {
    const bits = Uint16Array.from({ length: 0x7f81 }, (_, k) => k);
    const words = new Uint32Array(bfloat16ToFloat32(bits).buffer);
    expect([...words]).toEqual(Array.from(bits, (b) => b * 65536));
    expect([...bfloat16ToFloat32(Uint16Array.of(0x3f80, 0xc040, 0xff80))]).toEqual([1, -3, -Infinity]);
  });
});
