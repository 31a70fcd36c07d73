/**
 * @module report/forms-report
 *
 * A comparison of the forms of the Fisher as one self-contained page: a table of ε by layer and form, the darker the further a form is
 * from the Fisher, what each keeps and takes, and which is advised.
 */
import type { ComparedForm, LayerFormErrors } from '../fisher/index.js';
import type { FormsReport } from '../jobs/forms.js';
import { formatCount } from './format.js';
import { bytesWords, epsilonText, secondsWords } from './forms-words.js';
import { htmlFacts, htmlPage, htmlTable, htmlWarnings } from './html.js';
import { markup, type Markup } from './markup.js';

/** What the page is of. */
export interface FormsPageFacts {
  /** File of the network. */
  readonly model: string;
  /** File of the data. */
  readonly data: string;
  /** The likelihood in words. */
  readonly likelihood: string;
  /** Of the Fisher. */
  readonly estimator: string;
  /** What the examples stand for. */
  readonly population: string;
  /** Examples in the data. */
  readonly available: number;
  /** Of fim. */
  readonly version: string;
  /** The line that makes it again. */
  readonly commandLine: string;
}

/** Shade of ε = 1, in per cent of the colour. */
const DARKEST = 45;

/** What the forms keep, in words. */
const KEPT: Readonly<Record<ComparedForm, string>> = {
  diagonal: 'the diagonal',
  unit: 'a block for each neuron, over its inputs and its bias',
  block: 'the whole block of each layer',
  kfac: 'factors A ⊗ G, positions taken as examples of their own',
  'kfac-reduce': 'factors A ⊗ G of the mean input and the whole gradient of an example',
  ekfac: 'scales in the eigenbases of A and G',
};

/** The page. */
export function renderFormsReport(report: FormsReport, facts: FormsPageFacts): string {
  const { errors, forms, advice, notes } = report;
  const from = errors.certain ? 'all' : formatCount(errors.examples);
  const use = advice.whole;
  return htmlPage({
    title: 'How good is a form of the Fisher',
    kicker: `${facts.model}, ${from} of ${formatCount(facts.available)} examples · ${facts.likelihood} · ${facts.estimator}`,
    lead: [
      htmlWarnings(notes),
      markup`<p>${use ? `Use ${use.form}: ${use.reason}.` : 'No form is advised: no ε is known.'}</p>`,
    ],
    sections: [
      { id: 'errors', title: 'What each form leaves out', body: heat(report) },
      { id: 'cost', title: 'What each form keeps and takes', body: cost(errors.whole, forms) },
      { id: 'layers', title: 'Layer by layer', body: byLayer(report) },
      {
        id: 'settings',
        title: 'How it was made',
        body: htmlFacts([
          { name: 'Network', value: facts.model },
          { name: 'Data', value: facts.data },
          { name: 'Population', value: facts.population },
          { name: 'Command', value: markup`<code>${facts.commandLine}</code>` },
        ]),
      },
    ],
    footer: markup`<p>Made by fim ${facts.version}.</p>`,
  });
}

/** ε of every layer by every form. */
function heat({ errors, forms }: FormsReport): Markup {
  const head = forms.map((form) => markup`<th scope="col" class="number">${form}</th>`);
  const rows = [...errors.layers, errors.whole].map(({ name, forms: own }) => {
    const cells = forms.map((form) => {
      const figure = own[form];
      const shade = Math.round(Math.min(1, figure?.error ?? 0) * DARKEST);
      return markup`<td class="number" style="--heat:${shade}">${figure ? epsilonText(figure) : '–'}</td>`;
    });
    return markup`<tr><th scope="row">${name}</th>${cells}</tr>
`;
  });
  return markup`<div class="scroll heat"><table><caption>ε = ‖F − F̂‖/‖F‖ in Frobenius norm, ± its standard error; 0: the form is the Fisher of the layer, 1: as far from it as nothing; darker: further.</caption><thead><tr><th scope="col">Layer</th>${head}</tr></thead>
<tbody>${rows}</tbody></table></div>
`;
}

const numeric = (title: string) => ({ title, numeric: true });

function cost({ forms }: LayerFormErrors, asked: readonly ComparedForm[]): Markup {
  return htmlTable(
    [{ title: 'Form' }, { title: 'Keeps', wrap: true }, numeric('ε'), numeric('Memory'), numeric('Seconds')],
    asked.flatMap((form) => {
      const own = forms[form];
      if (!own) return [];
      const { numbers, seconds } = own;
      return [
        [
          form,
          KEPT[form],
          epsilonText(own),
          bytesWords(8 * numbers),
          seconds === null ? '–' : secondsWords(seconds),
        ],
      ];
    }),
    'All layers together. Seconds over all examples of the data, by operations at the rate at which the scores of these examples were made.',
  );
}

function byLayer({ errors, advice }: FormsReport): Markup {
  return htmlTable(
    [{ title: 'Layer' }, numeric('Parameters'), { title: 'Use' }, { title: 'Reason', wrap: true }],
    errors.layers.map(({ name, size }, i) => [
      name,
      formatCount(size),
      advice.layers[i]?.form ?? '–',
      advice.layers[i]?.reason ?? 'no ε is known',
    ]),
  );
}
