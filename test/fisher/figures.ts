/** The figures of an estimate by the names of test/fisher/laws, and what they should be by an exact law. */
import type { DiagonalEstimate } from '../../src/fisher/index.js';
import type { DrawMoments, FigureLaw } from './laws.js';

export interface Shown {
  readonly value: number;
  readonly labelError: number | null;
  readonly dataError: number | null;
  readonly standardError: number | null;
}

/** Totals, layers, tensors and single entries; of entries the unbiased root √(label² + data²), where both are known. */
export function figuresOf(e: DiagonalEstimate): Map<string, Shown> {
  const all = new Map<string, Shown>([['total/total', e.trace]]);
  for (const l of e.layers) all.set(`layer/${l.name}`, l.trace);
  for (const t of e.tensors) {
    all.set(`tensor/${t.name}`, t.trace);
    t.fisher.forEach((value, i) =>
      all.set(`entry/${t.name}/${i}`, {
        value,
        labelError: t.labelError && t.labelError[i],
        dataError: t.dataError && t.dataError[i],
        standardError:
          t.labelError && t.dataError ? Math.sqrt(t.labelError[i] ** 2 + t.dataError[i] ** 2) : null,
      }),
    );
  }
  return all;
}

const sum = (values: readonly number[]): number => values.reduce((s, v) => s + v, 0);

/** s² with divisor n − 1; 0 where only rounding tells the values apart. */
export function sampleVariance(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  const variance = sum(values.map((v) => (v - mean) ** 2)) / (values.length - 1);
  return variance > 1e-26 * mean ** 2 ? variance : 0;
}

/** Value and variances of the mean over these examples of K draws each (K = 0: exact values). */
export function expectedFigure(moments: readonly DrawMoments[], K: number) {
  const n = moments.length;
  return {
    value: sum(moments.map((m) => m.mean)) / n,
    label: K === 0 ? 0 : sum(moments.map((m) => m.variance)) / K / n ** 2,
    data: sampleVariance(moments.map((m) => m.mean)) / n,
  };
}

/** Skewness, over the draws alone, of the mean over these examples of K draws each. */
export function drawSkewness(moments: readonly DrawMoments[], K: number): number {
  const variance = sum(moments.map((m) => m.variance)) / K;
  return variance > 0 ? sum(moments.map((m) => m.third)) / K ** 2 / variance ** 1.5 : 0;
}

/** Skewness over inputs and draws of a mean over n examples, inputs drawn from these with replacement. */
export function overallSkewness(moments: readonly DrawMoments[], K: number, n: number): number {
  const mean = sum(moments.map((m) => m.mean)) / moments.length;
  const k = Math.max(1, K);
  const draw = K === 0 ? 0 : 1;
  let second = 0;
  let third = 0;
  for (const m of moments) {
    const d = m.mean - mean;
    second += d * d + (draw * m.variance) / k;
    third += d ** 3 + (3 * d * draw * m.variance) / k + (draw * m.third) / k ** 2;
  }
  second /= moments.length;
  third /= moments.length;
  // A figure without spread leaves rounding behind.
  return second > 1e-24 * mean ** 2 ? third / second ** 1.5 / Math.sqrt(n) : 0;
}

/**
 * Largest |got − want| over all figures, in units of the largest |want| of its tensor (for entries), or of itself (for totals). What
 * should be zero is held against the largest of its kind.
 */
export function worstDeviation(
  law: FigureLaw,
  got: (name: string) => number | null,
  want: (moments: DrawMoments[]) => number,
): number {
  const groups = new Map<string, { kind: string; top: number; error: number }>();
  const tops = new Map<string, number>();
  for (const q of law.quantities) {
    const kind = q.name.slice(0, q.name.indexOf('/'));
    const group = kind === 'entry' ? q.name.slice(0, q.name.lastIndexOf('/')) : q.name;
    const g = groups.get(group) ?? { kind, top: 0, error: 0 };
    const right = want(law.moments(q));
    const error = Math.abs((got(q.name) ?? NaN) - right);
    g.top = Math.max(g.top, Math.abs(right));
    if (!(error <= g.error)) g.error = error;
    groups.set(group, g);
    tops.set(kind, Math.max(tops.get(kind) ?? 0, g.top));
  }
  const relative = [...groups.values()].map(({ kind, top, error }) => {
    const overall = tops.get(kind) as number;
    if (error === 0) return 0;
    return error / (top > 1e-12 * overall ? top : overall);
  });
  return Math.max(...relative);
}
