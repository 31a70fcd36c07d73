/**
 * @module cli/forms/text
 *
 * Text of `fim forms`: layers by forms, once for ε, once for the numbers kept, once for the seconds, and what is advised.
 */
import type { ComparedForm, FormOfLayer, LayerFormErrors } from '../../fisher/index.js';
import type { FormsReport } from '../../jobs/forms.js';
import { formatCount } from '../../report/format.js';
import { bytesWords, epsilonText, secondsWords } from '../../report/forms-words.js';
import type { Writer } from '../io.js';
import { styleOf, wrap } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';

/** What it is of. */
export interface FormsFacts {
  readonly likelihood: string;
  readonly estimator: string;
  readonly available: number;
}

/** The whole of it. */
export function formsText(report: FormsReport, facts: FormsFacts, screen: Writer): string {
  const { errors, forms, advice } = report;
  const width = screen.columns;
  const shown = forms.filter((form) => form !== 'block' || !exactBlocks(errors.layers));
  const rows = [...errors.layers, errors.whole];
  const uses = [...advice.layers, advice.whole].map((a) => a?.form ?? '–');
  const table = (of: readonly ComparedForm[], cell: (f: FormOfLayer) => string, last?: readonly string[]) =>
    renderTable(
      [
        { title: 'layer', shrink: true },
        ...of.map((title) => ({ title, align: 'right' as const })),
        ...(last ? [{ title: 'use' }] : []),
      ],
      rows.map(({ name, forms: own }, i) => [
        name,
        ...of.map((form) => (own[form] ? cell(own[form]) : '–')),
        ...(last ? [last[i]] : []),
      ]),
      { width, style: styleOf(screen) },
    );
  const whole = advice.whole
    ? `Use ${advice.whole.form}: ${advice.whole.reason}. A form of more numbers is advised where ε comes down by .1 for each factor of ten, and by more than its error.`
    : 'No form is advised: no ε is known.';
  const of = errors.certain ? 'all' : formatCount(errors.examples);
  return [
    wrap(
      `ε = ‖F − F̂‖/‖F‖ of each layer by form, ± its standard error, from ${of} of ${formatCount(facts.available)} examples · ${facts.likelihood} · ${facts.estimator}`,
      width,
    ),
    '',
    table(shown, epsilonText, uses),
    ...(shown.length < forms.length ? ['', wrap('block: 0, the layer itself', width)] : []),
    '',
    'Numbers kept, as memory',
    '',
    table(forms, ({ numbers }) => bytesWords(8 * numbers)),
    '',
    wrap(
      `Seconds over all ${formatCount(facts.available)} examples, by operations at the rate at which the scores of these examples were made`,
      width,
    ),
    '',
    table(forms, ({ seconds }) => (seconds === null ? '–' : secondsWords(seconds))),
    '',
    wrap(whole, width),
    '',
  ].join('\n');
}

const exactBlocks = (layers: readonly LayerFormErrors[]): boolean =>
  layers.every(({ forms }) => forms.block?.error === 0);
