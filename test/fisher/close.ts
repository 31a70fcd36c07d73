/** Comparisons relative to the largest entry. */
import { expect } from 'vitest';

export function largest(a: ArrayLike<number>): number {
  let top = 0;
  for (let i = 0; i < a.length; i++) top = Math.max(top, Math.abs(a[i]));
  return top;
}

/** Largest |got − want| in units of the largest |want|, or of `scale`. NaN where anything is. */
export function deviation(got: ArrayLike<number>, want: ArrayLike<number>, scale = largest(want)): number {
  if (got.length !== want.length) return NaN;
  let worst = 0;
  for (let i = 0; i < want.length; i++) {
    const d = Math.abs(got[i] - want[i]);
    if (!(d <= worst)) worst = d;
  }
  return scale > 0 ? worst / scale : worst;
}

/** |got − want| ≤ tolerance · largest |want|, entry by entry. */
export function expectClose(
  got: ArrayLike<number> | null | undefined,
  want: ArrayLike<number>,
  tolerance: number,
  what = 'array',
): void {
  expect(got, `${what} is there`).toBeTruthy();
  expect(deviation(got as ArrayLike<number>, want), what).toBeLessThanOrEqual(tolerance);
}

/** The same for arrays by name; one that should be all zero is held against the largest entry of all of them. */
export function expectAllClose(
  got: ReadonlyMap<string, ArrayLike<number> | null>,
  want: ReadonlyMap<string, ArrayLike<number>>,
  tolerance: number,
  what: string,
): void {
  expect([...got.keys()].sort()).toEqual([...want.keys()].sort());
  const overall = Math.max(...[...want.values()].map(largest));
  for (const [name, values] of want) {
    const mine = got.get(name) as ArrayLike<number>;
    expect(mine, `${what} of ${name} is there`).toBeTruthy();
    const zero = largest(values) === 0;
    const worst = zero ? deviation(mine, values, overall) : deviation(mine, values);
    expect(worst, `${what} of ${name}`).toBeLessThanOrEqual(zero ? 1e-12 : tolerance);
  }
}

/** |got/want − 1| ≤ tolerance. */
export function expectRatio(
  got: number | null | undefined,
  want: number,
  tolerance: number,
  what = 'number',
): void {
  expect(Math.abs((got ?? NaN) / want - 1), `${what}: ${String(got)} against ${want}`).toBeLessThanOrEqual(
    tolerance,
  );
}
