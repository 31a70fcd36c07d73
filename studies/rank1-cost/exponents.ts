/**
 * @module studies/rank1-cost/exponents
 *
 * Exponents of cost: least squares of log y on log x over cells, with the standard error from the scatter about the line. That error says
 * how well a power law describes the cells, not how well each was measured: costs are sums of powers, and bend.
 */
import type { CostCell, MethodCost } from './cost.js';
import type { Method } from './plan.js';

export interface Exponent {
  readonly slope: number;
  /** From the scatter; null for fewer than three points. */
  readonly standardError: number | null;
  readonly points: number;
}

/** b of log y = a + b log x. Null for fewer than two points. */
export function exponentOf(points: readonly { x: number; y: number }[]): Exponent | null {
  const own = points.filter(({ x, y }) => x > 0 && y > 0 && Number.isFinite(y));
  const n = own.length;
  if (n < 2) return null;
  const u = own.map(({ x }) => Math.log(x));
  const v = own.map(({ y }) => Math.log(y));
  const mean = (a: readonly number[]): number => a.reduce((s, b) => s + b, 0) / n;
  const [mu, mv] = [mean(u), mean(v)];
  let [uu, uv] = [0, 0];
  for (let i = 0; i < n; i++) {
    uu += (u[i] - mu) ** 2;
    uv += (u[i] - mu) * (v[i] - mv);
  }
  if (uu === 0) return null;
  const slope = uv / uu;
  let residual = 0;
  for (let i = 0; i < n; i++) residual += (v[i] - mv - slope * (u[i] - mu)) ** 2;
  return { slope, standardError: n > 2 ? Math.sqrt(residual / (n - 2) / uu) : null, points: n };
}

export type CostQuantity = 'seconds' | 'ratio' | 'beyond' | 'bytes';

/** The median of a quantity; null where there is none. */
export function valueOf(cost: MethodCost, quantity: CostQuantity): number | null {
  if (quantity === 'bytes') return cost.bytes;
  return cost[quantity]?.[1] ?? null;
}

/** Points of a method along one axis, the other held at `at`. */
export function along(
  cells: readonly CostCell[],
  method: Method,
  quantity: CostQuantity,
  axis: 'P' | 'N',
  at: number,
): { x: number; y: number; cost: MethodCost; cell: CostCell }[] {
  return cells.flatMap((cell) => {
    if ((axis === 'P' ? cell.N : cell.asked) !== at) return [];
    const cost = cell.methods.find((m) => m.method === method);
    const y = cost && valueOf(cost, quantity);
    return cost && y !== null && y !== undefined
      ? [{ x: axis === 'P' ? cell.P : cell.N, y, cost, cell }]
      : [];
  });
}

/** Cells below these are overhead of a call, and kernel memories of their least size. */
export const FIT_FROM: Readonly<Record<'P' | 'N', number>> = { P: 5e3, N: 0 };

export function costExponent(
  cells: readonly CostCell[],
  method: Method,
  quantity: CostQuantity,
  axis: 'P' | 'N',
  at: number,
): Exponent | null {
  return exponentOf(along(cells, method, quantity, axis, at).filter(({ x }) => x >= FIT_FROM[axis]));
}
