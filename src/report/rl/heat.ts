/**
 * @module report/rl/heat
 *
 * Scores of all cells at one look: environments by algorithms, the best of a row in bold, what its error does not tell apart from the
 * best marked, and the darker the nearer to the best.
 */
import { markup, type Markup } from '../markup.js';
import { algorithmsOf, type Cell, environmentsOf } from './cells.js';
import type { CompareReport } from './types.js';
import { NONE, plain } from './words.js';

/** Shade of the best of a row, in per cent of the colour. */
const DARKEST = 38;

/** A cell as it is shown. */
export interface HeatCell {
  readonly text: string;
  /** 0 the worst of its row, 1 the best; 0 where all are alike or there is no score. */
  readonly heat: number;
  readonly best: boolean;
  /** Not the best, and its interval and the best's do not tell them apart. */
  readonly near: boolean;
}

/** How far the mean may lie below (−1) or above (1) its value by its interval; Infinity where there is none. */
function reach({ mean }: Cell, side: -1 | 1): number {
  const interval = mean?.interval;
  if (!mean || !interval) return Infinity;
  return side < 0 ? mean.value - interval.low : interval.high - mean.value;
}

/** One row; null of a cell stands where no run was asked for. `near` is |best − mean| ≤ √(reach² + reach²). */
export function heatRow(cells: readonly (Cell | null)[]): HeatCell[] {
  const means = cells.map((c) => c?.mean?.value ?? NaN);
  const known = means.filter(Number.isFinite);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const top = cells[means.indexOf(most)] ?? null;
  return cells.map((cell, i) => {
    const mean = means[i];
    if (!cell || !Number.isFinite(mean)) return { text: NONE, heat: 0, best: false, near: false };
    const best = mean === most;
    const apart = top === null ? 0 : Math.hypot(reach(top, -1), reach(cell, 1));
    return {
      text: plain(mean),
      heat: most > least ? (mean - least) / (most - least) : 0,
      best,
      near: !best && most - mean <= apart,
    };
  });
}

/** The table; null with fewer than two algorithms, which there is nothing to compare. */
export function heatTable(report: CompareReport, cells: readonly Cell[]): Markup | null {
  const algorithms = algorithmsOf(report);
  if (algorithms.length < 2) return null;
  const head = algorithms.map((name) => markup`<th scope="col" class="number">${name}</th>`);
  const rows = environmentsOf(report).map((environment) => {
    const row = heatRow(
      algorithms.map((a) => cells.find((c) => c.algorithm === a && c.environment === environment) ?? null),
    );
    const shown = row.map(({ text, heat, best, near }) => {
      const words = best ? markup`<strong>${text}</strong>` : near ? markup`${text} ≈` : text;
      return markup`<td class="number" style="--heat:${Math.round(heat * DARKEST)}">${words}</td>`;
    });
    return markup`<tr><th scope="row">${environment}</th>${shown}</tr>
`;
  });
  return markup`<div class="scroll heat"><table><caption>Mean of final evaluations. Bold: best of the row; ≈: the two 95 % intervals do not tell it from the best; darker: nearer to the best.</caption><thead><tr><th scope="col">Environment</th>${head}</tr></thead>
<tbody>${rows}</tbody></table></div>
`;
}

/** Sentences on algorithms whose runs are the same, number by number: their settings coincide there. */
export function twinsOf(report: CompareReport, cells: readonly Cell[]): string[] {
  const algorithms = algorithmsOf(report);
  const found: string[] = [];
  algorithms.forEach((a, i) =>
    algorithms.slice(i + 1).forEach((b) => {
      const where = environmentsOf(report).filter((environment) => {
        const [one, other] = [a, b].map(
          (name) => cells.find((c) => c.algorithm === name && c.environment === environment) ?? null,
        );
        return one !== null && other !== null && sameRuns(one, other);
      });
      if (where.length > 0)
        found.push(
          `${a} and ${b} are the same runs in ${where.join(', ')}, number by number: their settings coincide there.`,
        );
    }),
  );
  return found;
}

function sameRuns(one: Cell, other: Cell): boolean {
  const curves = (cell: Cell): string =>
    JSON.stringify(cell.runs.map(({ seed, curve }) => [seed, curve.steps, curve.return]).sort());
  return one.runs.some(({ curve }) => curve.steps.length > 0) && curves(one) === curves(other);
}
