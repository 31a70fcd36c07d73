/**
 * @module report/rl/text
 *
 * A comparison for the terminal: the final evaluation by environment, the aggregate over environments, and what must not be missed.
 */
import { acrossOf, unpairedText } from './across.js';
import { cellsOf, environmentsOf } from './cells.js';
import type { CompareReport } from './types.js';
import { warningsOf } from './warnings.js';
import { plain, withInterval } from './words.js';

/** Lines without trailing blanks; no colour. */
export function compareText(report: CompareReport): string {
  const cells = cellsOf(report);
  const across = acrossOf(report, cells);
  const blocks = environmentsOf(report).flatMap((environment) => {
    const own = cells.filter((c) => c.environment === environment);
    if (own.length === 0) return [];
    const rows = own.map((c) => [
      c.algorithm,
      withInterval(c.mean),
      withInterval(c.iqm),
      String(c.scores.length),
      c.flags.join(', '),
    ]);
    return [table([environment, 'mean, 95 %', 'IQM', 'seeds', ''], rows)];
  });
  const { arms, environments } = across;
  if (arms.length > 0) {
    const rows = arms.map((a) => [
      a.algorithm,
      withInterval(a.iqm),
      withInterval(a.mean),
      ...(environments.length > 1 ? [withInterval(a.median)] : []),
      covered(a.iqm.interval),
    ]);
    const over = environments.length === 1 ? '1 environment' : `${environments.length} environments`;
    blocks.push(
      table(
        [`normalised, ${over}`, 'IQM, 95 %', 'mean', ...(environments.length > 1 ? ['median'] : []), ''],
        rows,
      ),
    );
  }
  const differing = across.paired.filter((row) => row.holm < 0.05);
  if (across.paired.length > 0) {
    const n = across.paired.filter((row) => !Number.isNaN(row.holm)).length;
    const equal = across.paired.filter((row) => Number.isNaN(row.holm));
    blocks.push(
      [
        `paired by seed: ${differing.length} of ${n} ${n === 1 ? 'difference' : 'differences'} shown at 5 % after Holm's correction`,
        ...differing.map(
          ({ environment, x, y, difference }) =>
            `  ${environment}: ${x} − ${y} = ${withInterval({
              value: difference.mean,
              interval: { low: difference.low, high: difference.high, method: 'student', coverage: null },
            })}`,
        ),
        ...equal.map(
          ({ environment, x, y, difference }) =>
            `  ${environment}: ${x} − ${y} = ${plain(difference.mean)} in every one of ${difference.seeds.length} seeds: without spread there is no test`,
        ),
      ].join('\n'),
    );
  }
  const unpaired = unpairedText(across);
  if (unpaired !== null) blocks.push(unpaired);
  const warnings = warningsOf(report, cells, across);
  if (warnings.length > 0) blocks.push(warnings.map((w) => `warning: ${w}`).join('\n'));
  return `${blocks.join('\n\n')}\n`;
}

function covered(interval: { coverage: { coverage: number } | null } | null): string {
  return interval?.coverage ? `IQM's interval covers ${(100 * interval.coverage.coverage).toFixed(0)} %` : '';
}

/** First and last column to the left, numbers to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, c) => Math.max(...all.map((row) => [...row[c]].length)));
  const last = head.length - 1;
  return all
    .map((row) =>
      row
        .map((text, c) => {
          const gap = ' '.repeat(widths[c] - [...text].length);
          return c === 0 || c === last ? text + gap : gap + text;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
