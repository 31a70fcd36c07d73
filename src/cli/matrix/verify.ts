/**
 * @module cli/matrix/verify
 *
 * Text and JSON of `fim verify`.
 */
import type { Verified } from '../../jobs/matrix/verify.js';
import { formatCount, formatEstimate, formatNumber } from '../../report/format.js';
import type { Writer } from '../io.js';
import { styleOf, wrap } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';

/** All that is said of a Fisher that was verified. */
export interface VerifyFound {
  readonly directions: readonly Verified[];
  /** How the matrix is held. */
  readonly form: string;
  readonly parameters: number;
  readonly estimator: string | null;
  readonly examples: number;
  /** Whether these are the examples of the file. */
  readonly same: boolean;
  /** Whether the file was taken at the weights of the network; null: it does not say. */
  readonly sameWeights: boolean | null;
  /** Of which file. */
  readonly of: string;
}

const number = (x: number): number | null => (Number.isFinite(x) ? x : null);

export function verifyJson(found: VerifyFound): Record<string, unknown> {
  const { directions, form, parameters, estimator, examples, same, sameWeights } = found;
  return {
    ...{ form, parameters, estimator, examples, sameWeights },
    errors: same ? 'paired' : 'independent',
    verified: !directions.some(({ off }) => off),
    directions: directions.map(({ kind, name, ratio, standardError, exact, off }) => ({
      ...{ kind, name, ratio: number(ratio), standardError: number(standardError), exact, off },
    })),
  };
}

export function verifyText(found: VerifyFound, screen: Writer): string {
  const { directions, form, parameters, estimator, examples, same, of } = found;
  const width = screen.columns;
  const by = estimator === null ? '' : `, ${estimator}`;
  const off = directions.filter((d) => d.off);
  const judged = directions.filter((d) => d.exact);
  const verdict =
    off.length > 0
      ? `not the Fisher of this network over these data: ${off.length} of ${judged.length} directions are off 1 by more than 3 errors and 2 %`
      : judged.length > 0
        ? `verified: no direction is off 1 by more than 3 errors and 2 %`
        : 'not judged: the form is an approximation in all of these directions';
  return [
    wrap(
      `${of}: ${form} Fisher${by}, ${formatCount(parameters)} parameters; divergences over ${formatCount(examples)} examples`,
      width,
    ),
    '',
    renderTable(
      [
        { title: 'direction' },
        { title: 'in' },
        { title: 'ratio ± standard error', align: 'estimate' },
        { title: '' },
      ],
      directions.map(({ kind, name, ratio, standardError, exact, off: wrong }) => [
        kind,
        name,
        Number.isFinite(ratio)
          ? formatEstimate(ratio, Number.isFinite(standardError) ? standardError : null)
          : '–',
        wrong ? 'off' : exact ? '' : 'approximate',
      ]),
      { width, style: styleOf(screen) },
    ),
    '',
    wrap('ratio: mean KL(p_θ ‖ p_θ+εd) over ½ε²dᵀFd as ε → 0', width),
    wrap(
      same
        ? 'errors: paired, of the same examples'
        : 'errors: as of two independent samples, since data or order differ',
      width,
    ),
    ...(off.length > 0 && estimator === 'empirical'
      ? [wrap('the empirical matrix is that of the given labels, and not the Fisher information', width)]
      : off.length > 1
        ? [wrap(commonFactor(off), width)]
        : []),
    wrap(verdict, width),
    '',
  ].join('\n');
}

/** Whether all ratios say the same factor. */
function commonFactor(off: readonly Verified[]): string {
  const ratios = off.map(({ ratio }) => ratio).filter((r) => r > 0 && Number.isFinite(r));
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
  return ratios.length === off.length && high < 1.2 * low
    ? `all by a factor of about ${formatNumber(Math.sqrt(low * high))}: a scale, such as σ², a sum for a mean, or a batch`
    : 'by different factors: another matrix, other weights, or another likelihood';
}
