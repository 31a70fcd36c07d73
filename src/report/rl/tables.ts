/**
 * @module report/rl/tables
 *
 * The tables of a comparison.
 */
import { formatCount, formatDuration, formatNumber } from '../format.js';
import { htmlTable } from '../html.js';
import { markup, type Markup } from '../markup.js';
import type { Across } from './across.js';
import type { Cell } from './cells.js';
import { scoreScale } from '../../rl/scores.js';
import type { Quantiles, RunSummary } from './types.js';
import { methodOf, median, NONE, optional, plain, pText, withInterval } from './words.js';

const numeric = (title: string) => ({ title, numeric: true });
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Rows grouped by environment, whose name stands in the first of them. */
function grouped<T>(items: readonly T[], environmentOf: (item: T) => string, row: (item: T) => unknown[]) {
  return items.map((item, i) => {
    const name = environmentOf(item);
    return [i > 0 && environmentOf(items[i - 1]) === name ? '' : name, ...row(item)] as (string | Markup)[];
  });
}

/** Final evaluation by environment and algorithm. A column that would say the same in every row is left to the caption. */
export function evaluationTable(cells: readonly Cell[]): Markup {
  const methods = [...new Set(cells.map((c) => methodOf(c.mean?.interval ?? null)))];
  const flagged = cells.some((c) => c.flags.length > 0);
  return htmlTable(
    [
      { title: 'Environment' },
      { title: 'Algorithm' },
      numeric('Mean, 95 %'),
      ...(methods.length > 1 ? [{ title: 'Interval' }] : []),
      numeric('IQM'),
      numeric('Lowest'),
      numeric('Highest'),
      numeric('Seeds'),
      ...(flagged ? [{ title: 'Flags' }] : []),
    ],
    grouped(
      cells,
      (c) => c.environment,
      (c) => {
        const scores = c.scores.map((s) => s.score);
        return [
          c.algorithm,
          withInterval(c.mean),
          ...(methods.length > 1 ? [methodOf(c.mean?.interval ?? null)] : []),
          withInterval(c.iqm),
          scores.length === 0 ? NONE : plain(Math.min(...scores)),
          scores.length === 0 ? NONE : plain(Math.max(...scores)),
          String(scores.length),
          ...(flagged ? [c.flags.join(', ')] : []),
        ];
      },
    ),
    methods.length === 1 && methods[0] !== '' ? `Every interval: ${methods[0]}.` : undefined,
  );
}

/** Normalised scores over environments. */
export function aggregateTable({ arms, environments }: Across): Markup | null {
  if (arms.length === 0) return null;
  const several = environments.length > 1;
  return htmlTable(
    [
      { title: 'Algorithm' },
      numeric('IQM'),
      numeric('Mean'),
      ...(several ? [numeric('Median')] : []),
      numeric('Gap below 1'),
      numeric('Seeds'),
    ],
    arms.map((a) => [
      a.algorithm,
      withInterval(a.iqm),
      withInterval(a.mean),
      ...(several ? [withInterval(a.median)] : []),
      withInterval(a.gap),
      `${a.iqm.seeds}${a.iqm.few ? ', few' : ''}`,
    ]),
  );
}

/** What the intervals of that table are, and how often such intervals hold the truth, by number of seeds. */
export function coverageWords({ arms, environments }: Across): string {
  const counts = [...new Set(arms.map((a) => a.iqm.seeds))].sort((a, b) => a - b);
  const sentences = counts.map((seeds) => {
    const arm = arms.find((a) => a.iqm.seeds === seeds) as Across['arms'][number];
    const covers = (['iqm', 'mean', 'median', 'gap'] as const).flatMap((name) => {
      const coverage = arm[name].interval?.coverage;
      if (!coverage || (name === 'median' && environments.length === 1)) return [];
      return [`${name === 'iqm' ? 'IQM' : name} ${(100 * coverage.coverage).toFixed(0)}\u00a0%`];
    });
    if (covers.length === 0) return "The interval of the mean is Student's t; the others have none.";
    return `With ${seeds} seeds such bootstraps hold the truth in a simulation of normal scores this often: ${covers.join(', ')}.`;
  });
  return `Intervals are 95 % over seeds. ${sentences.join(' ')}`;
}

/** What scores were normalised by. */
export function scaleTable(environments: readonly string[]): Markup {
  return htmlTable(
    [{ title: 'Environment' }, numeric('Random'), numeric('Reference')],
    environments.flatMap((id) => {
      const scale = scoreScale(id);
      if (scale === null) return [];
      return [[id, withError(scale.random, scale.standardError), formatNumber(scale.reference, 4)]];
    }),
  );
}

const withError = (value: number, error: number): string =>
  error > 0 ? `${plain(value)} (s.e. ${formatNumber(error, 2)})` : plain(value);

/** Differences by seed. */
export function pairedTable({ paired }: Across): Markup | null {
  if (paired.length === 0) return null;
  return htmlTable(
    [
      { title: 'Environment' },
      { title: 'Pair' },
      numeric('Difference, 95 %'),
      numeric('Seeds'),
      numeric('p'),
      numeric('p, Holm'),
      { title: 'Differs' },
    ],
    grouped(
      paired,
      (row) => row.environment,
      ({ x, y, difference: d, holm }) => [
        `${x} − ${y}`,
        withInterval({
          value: d.mean,
          interval: { low: d.low, high: d.high, method: 'student', coverage: null },
        }),
        String(d.seeds.length),
        pText(d.p),
        pText(holm),
        Number.isNaN(holm)
          ? 'all differences equal: no test'
          : holm < 0.05
            ? markup`<strong>yes</strong>`
            : 'not shown',
      ],
    ),
  );
}

const finished = (cell: Cell): readonly RunSummary[] =>
  cell.runs.filter((r) => r.status !== 'missing' && r.status !== 'failed');

/** Time by environment and algorithm. */
export function costTable(cells: readonly Cell[]): Markup {
  const rows = cells.filter((c) => finished(c).length > 0);
  return htmlTable(
    [
      { title: 'Environment' },
      { title: 'Algorithm' },
      numeric('Steps'),
      numeric('Steps/s'),
      numeric('Wall-clock, mean'),
      numeric('Updates'),
      numeric('An update'),
      numeric('Share in updates'),
    ],
    grouped(
      rows,
      (c) => c.environment,
      (c) => {
        const runs = finished(c);
        const update = median(runs.map((r) => r.secondsPerUpdate));
        const seconds = mean(runs.map((r) => r.seconds));
        const updates = mean(runs.map((r) => r.updates));
        const share = update === null || !(seconds > 0) ? null : (update * updates) / seconds;
        return [
          c.algorithm,
          formatCount(mean(runs.map((r) => r.steps))),
          formatCount(median(runs.map((r) => r.stepsPerSecond)) ?? NaN),
          formatDuration(seconds),
          formatCount(updates),
          update === null ? NONE : shortTime(update),
          share === null ? NONE : `${Math.round(100 * share)}\u00a0%`,
        ];
      },
    ),
  );
}

/** `0.85 ms`, else as durations are. */
function shortTime(seconds: number): string {
  return seconds < 0.00995 ? `${formatNumber(1000 * seconds, 2)} ms` : formatDuration(seconds);
}

/** Sizes of steps and |score|²/λ; null where no run states them. */
export function stepTable(cells: readonly Cell[]): Markup | null {
  const rows = cells.filter((c) =>
    c.runs.some((r) => r.medianStep !== undefined || r.klRatio !== undefined || r.scoreRatio !== undefined),
  );
  if (rows.length === 0) return null;
  return htmlTable(
    [
      { title: 'Environment' },
      { title: 'Algorithm' },
      numeric('|Δθ|'),
      numeric('KL got/asked'),
      numeric('|score|²/λ: 5 %'),
      numeric('median'),
      numeric('95 %'),
    ],
    grouped(
      rows,
      (c) => c.environment,
      ({ algorithm, runs }) => {
        const of = (pick: (r: RunSummary) => number | undefined): string => optional(median(runs.map(pick)));
        const ratio = (k: keyof Quantiles): string => of((r) => r.scoreRatio?.[k]);
        return [
          algorithm,
          of((r) => r.medianStep),
          of((r) => r.klRatio),
          ratio('p5'),
          ratio('p50'),
          ratio('p95'),
        ];
      },
    ),
  );
}

/** Further numbers by name; null where there are none. */
export function diagnosticsTable(cells: readonly Cell[]): Markup | null {
  const names = [...new Set(cells.flatMap((c) => c.runs.flatMap((r) => Object.keys(r.diagnostics ?? {}))))];
  if (names.length === 0) return null;
  const rows = cells.filter((c) => c.runs.some((r) => r.diagnostics !== undefined));
  return htmlTable(
    [{ title: 'Environment' }, { title: 'Algorithm' }, ...names.map(numeric)],
    grouped(
      rows,
      (c) => c.environment,
      (c) => [
        c.algorithm,
        ...names.map((name) => optional(median(c.runs.map((r) => r.diagnostics?.[name])))),
      ],
    ),
  );
}
