import { describe, expect, it } from 'vitest';
import {
  erfc,
  logGamma,
  normalCdf,
  normalDensity,
  normalQuantile,
  studentQuantile,
  studentTail,
} from './index.js';

/** Relative distance; references come from 50-digit arithmetic, printed to 20 digits. */
const off = (got: number, truth: number) => Math.abs(got - truth) / Math.abs(truth);

describe('erfc', () => {
  const table: [number, number][] = [
    [-3.7, 1.9999998328489420909],
    [-1.2, 1.9103139782296353684],
    [-0.3, 1.3286267594591274162],
    [0.1, 0.8875370839817151016],
    [0.46875, 0.50738652678206200841],
    [0.9, 0.20309178757716786034],
    [1.0, 0.15729920705028513066],
    [1.3, 0.06599205505934755415],
    [2.0, 0.0046777349810472658379],
    [4.1, 6.7000276540849184417e-9],
    [8.3, 8.1414783530248925414e-32],
    [15.7, 3.2018577446765818612e-109],
    [26.5, 2.2109076642637342759e-307],
  ];
  it.each(table)('erfc(%d)', (x, truth) => {
    expect(off(erfc(x), truth)).toBeLessThan(2e-15);
  });

  it('has its ends', () => {
    expect(erfc(40)).toBe(0);
    expect(erfc(-40)).toBe(2);
    expect(erfc(NaN)).toBeNaN();
  });
});

describe('normal', () => {
  const table: [number, number][] = [
    [-30.1, 2.4226672179857587657e-199],
    [-8.2, 1.2019351542735858152e-16],
    [-5.0, 2.8665157187919391167e-7],
    [-1.96, 0.024997895148220436213],
    [-0.7, 0.24196365222307302862],
    [0.2, 0.57925970943910302738],
    [1.5, 0.933192798731141934],
    [4.0, 0.99996832875816688008],
  ];
  it.each(table)('Φ(%d)', (x, truth) => {
    expect(off(normalCdf(x), truth)).toBeLessThan(x < -5 ? 2e-13 : 3e-15);
  });

  it('the quantile undoes Φ, and the density is its derivative', () => {
    for (const p of [1e-12, 1e-4, 0.02, 0.3, 0.5, 0.9, 0.9999]) {
      expect(off(normalCdf(normalQuantile(p)), p)).toBeLessThan(2e-14);
    }
    for (const x of [-2, 0.3, 1.7]) {
      const h = 1e-3;
      const slope =
        (8 * (normalCdf(x + h) - normalCdf(x - h)) - (normalCdf(x + 2 * h) - normalCdf(x - 2 * h))) /
        (12 * h);
      expect(off(normalDensity(x), slope)).toBeLessThan(1e-11);
    }
  });
});

describe('logGamma', () => {
  const table: [number, number][] = [
    [1e-8, 18.420680738180208884],
    [0.1, 2.252712651734205902],
    [0.5, 0.57236494292470008707],
    [1.5, -0.12078223763524522235],
    [2.0, 0.0],
    [2.5, 0.28468287047291915963],
    [3.7, 1.4280723266653881292],
    [9.99, 12.77931521435019336],
    [10.0, 12.801827480081469611],
    [33.3, 82.603723581654943008],
    [10000.0, 82099.717496442377273],
    [1000000000000000.0, 33538776394910668.91],
  ];
  it.each(table)('log Γ(%d)', (x, truth) => {
    expect(Math.abs(logGamma(x) - truth)).toBeLessThan(3e-15 * Math.max(1, Math.abs(truth)));
  });

  it('is NaN where it has no real value', () => {
    expect(logGamma(0)).toBeNaN();
    expect(logGamma(-1.5)).toBeNaN();
  });
});

describe("Student's t", () => {
  const table: [number, number, number][] = [
    [0.975, 1999, 1.9611514201705615955],
    [0.975, 2000, 1.96115082609943765],
    [1e-6, 2001, -4.7674731028808050807],
    [0.975, 1, 12.706204736174693314],
    [0.975, 2, 4.3026527297494617894],
    [0.025, 4, -2.7764451051977943036],
    [0.95, 4.5, 2.0655758888785241035],
    [0.6, 3, 0.27667066233268984701],
    [0.999, 9, 4.2968056627299178805],
    [0.975, 30, 2.0422724563012378878],
    [0.995, 1000, 2.5807546980659507706],
    [1e-10, 2, -70710.678108048149434],
    [1e-6, 0.7, -70219760.032432202381],
    [0.975, 1000000.0, 1.9599663568141066553],
  ];
  it.each(table)('quantile at p = %d, ν = %d', (p, nu, truth) => {
    expect(off(studentQuantile(p, nu), truth)).toBeLessThan(1e-12);
  });

  it('agrees with the closed forms at ν = 1 and 2, and tends to the normal', () => {
    for (const p of [0.6, 0.9, 0.99]) {
      expect(off(studentQuantile(p, 1), Math.tan(Math.PI * (p - 0.5)))).toBeLessThan(1e-13);
      const a = 2 * p - 1;
      expect(off(studentQuantile(p, 2), a * Math.sqrt(2 / (1 - a * a)))).toBeLessThan(1e-13);
      expect(studentQuantile(1 - p, 5)).toBeCloseTo(-studentQuantile(p, 5), 13);
      expect(off(studentQuantile(p, 1e12), normalQuantile(p))).toBeLessThan(1e-11);
    }
    expect(studentQuantile(0.5, 3)).toBe(0);
    expect(studentQuantile(0, 3)).toBe(-Infinity);
    expect(studentQuantile(2, 3)).toBeNaN();
    expect(studentTail(0, 3)).toBeCloseTo(0.5, 15);
  });
});
