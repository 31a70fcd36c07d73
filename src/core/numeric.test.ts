import { describe, expect, it } from 'vitest';
import { erf, sigmoid, softplus } from './numeric.js';

const relative = (got: number, want: number) => Math.abs(got - want) / Math.abs(want);

describe('erf', () => {
  // Published values (Abramowitz & Stegun table 7.1, continued to more digits).
  const table: [number, number][] = [
    [1e-10, 1.1283791670955126e-10],
    [0.01, 0.0112834155558496169],
    [0.1, 0.112462916018284892203],
    [0.25, 0.276326390168236932985],
    [0.5, 0.520499877813046537683],
    [1, 0.842700792949714869341],
    [1.5, 0.966105146475310727067],
    [2, 0.995322265018952734162],
    [2.5, 0.99959304798255504106],
    [3, 0.999977909503001414559],
    [3.5, 0.999999256901627658587],
    [4, 0.99999998458274209972],
  ];
  for (const [x, want] of table) {
    it(`of ${x}, and of ${-x}`, () => {
      expect(relative(erf(x), want)).toBeLessThanOrEqual(1e-15);
      expect(erf(-x)).toBe(-erf(x));
    });
  }

  it('ends and passes on what is no number', () => {
    expect(erf(0)).toBe(0);
    expect(erf(6)).toBe(1);
    expect(erf(Infinity)).toBe(1);
    expect(erf(-Infinity)).toBe(-1);
    expect(erf(NaN)).toBeNaN();
    expect(erf(5e-324)).toBeGreaterThan(0);
  });

  it('grows, and has derivative (2/√π) e^(−x²), across the seams of its formulas', () => {
    const h = 1e-3;
    for (const x of [0.7, 2.4985, 2.5, 2.5015, 5.9985]) {
      const slope = (8 * (erf(x + h) - erf(x - h)) - (erf(x + 2 * h) - erf(x - 2 * h))) / (12 * h);
      const want = (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x);
      expect(Math.abs(slope - want)).toBeLessThanOrEqual(1e-11);
    }
    for (let x = 2.49; x < 2.51; x += 1e-4) expect(erf(x + 1e-4)).toBeGreaterThan(erf(x));
  });
});

describe('softplus', () => {
  it('is ln(1 + eˣ) where that can be computed', () => {
    for (const x of [-20, -3, -0.5, 0, 0.5, 3, 20]) {
      expect(relative(softplus(x), Math.log1p(Math.exp(x)))).toBeLessThanOrEqual(4e-16);
    }
    expect(softplus(0)).toBe(Math.LN2);
  });

  it('neither overflows nor loses its tail', () => {
    expect(softplus(800)).toBe(800);
    expect(relative(softplus(-700), Math.exp(-700))).toBeLessThanOrEqual(1e-15);
    expect(softplus(-Infinity)).toBe(0);
    expect(softplus(Infinity)).toBe(Infinity);
    expect(softplus(NaN)).toBeNaN();
  });

  it('obeys softplus(x) − softplus(−x) = x', () => {
    for (const x of [0.1, 1, 7, 40])
      expect(relative(softplus(x) - softplus(-x), x)).toBeLessThanOrEqual(1e-15);
  });
});

describe('sigmoid', () => {
  it('is (1 + tanh(x/2))/2', () => {
    for (const x of [-5, -1, -0.1, 0, 0.1, 1, 5]) {
      expect(Math.abs(sigmoid(x) - (1 + Math.tanh(x / 2)) / 2)).toBeLessThanOrEqual(2e-16);
    }
  });

  it('is accurate at both ends', () => {
    expect(relative(sigmoid(-700), Math.exp(-700))).toBeLessThanOrEqual(1e-15);
    expect(sigmoid(800)).toBe(1);
    expect(sigmoid(-800)).toBe(0);
    expect(sigmoid(0)).toBe(0.5);
    expect(sigmoid(NaN)).toBeNaN();
  });

  it('of x and −x sum to 1', () => {
    for (const x of [0.3, 2, 11, 37])
      expect(Math.abs(sigmoid(x) + sigmoid(-x) - 1)).toBeLessThanOrEqual(2.3e-16);
  });
});
