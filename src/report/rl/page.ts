/**
 * @module report/rl/page
 *
 * A comparison of algorithms as one self-contained page.
 */
import { htmlFacts, htmlFigure, htmlFold, htmlPage, htmlWarnings, type PageSection } from '../html.js';
import { type Content, markup, type Markup } from '../markup.js';
import type { StudyFigure } from '../study-page.js';
import { type Across, acrossOf, unpairedText } from './across.js';
import { algorithmsOf, type Cell, cellsOf, environmentsOf } from './cells.js';
import {
  aggregateFigure,
  improvementFigure,
  learningFigure,
  type PlaceOf,
  profileFigure,
} from './figures.js';
import { heatTable, twinsOf } from './heat.js';
import { learningOf } from './learning.js';
import {
  aggregateTable,
  coverageWords,
  costTable,
  diagnosticsTable,
  evaluationTable,
  pairedTable,
  scaleTable,
  stepTable,
} from './tables.js';
import type { CompareReport } from './types.js';
import { warningsOf } from './warnings.js';

/** Everything that a report is rendered from. */
interface Drawn {
  readonly cells: readonly Cell[];
  readonly across: Across;
  readonly aggregate: StudyFigure | null;
  readonly profiles: StudyFigure | null;
  readonly improvement: StudyFigure | null;
  readonly curves: readonly StudyFigure[];
}

function drawnOf(report: CompareReport): Drawn {
  const cells = cellsOf(report);
  const across = acrossOf(report, cells);
  const algorithms = algorithmsOf(report);
  const place: PlaceOf = (algorithm) => Math.max(0, algorithms.indexOf(algorithm));
  const curves = environmentsOf(report).map((e) => learningFigure(learningOf(e, cells, report.seed), place));
  return {
    cells,
    across,
    aggregate: aggregateFigure(across, place),
    profiles: profileFigure(across, place),
    improvement: improvementFigure(across, place),
    curves: curves.filter((f): f is StudyFigure => f !== null),
  };
}

const shown = (f: StudyFigure | null): Markup | null =>
  f === null ? null : markup`<h3>${f.title}</h3>${htmlFigure(f.draw(false), f.caption)}`;

/** The page. Text from the report is escaped, wherever it stands. */
export function compareHtml(report: CompareReport): string {
  return pageOf(report, drawnOf(report));
}

/** Files to write: `index.html`, and each figure as SVG with its own colours. */
export function compareFiles(report: CompareReport): Map<string, string> {
  const drawn = drawnOf(report);
  const figures = [drawn.aggregate, drawn.profiles, drawn.improvement, ...drawn.curves];
  return new Map([
    ...figures.flatMap((f): [string, string][] =>
      f === null ? [] : [[`${f.file}.svg`, `${f.draw(true).text}\n`]],
    ),
    ['index.html', pageOf(report, drawn)],
  ]);
}

function pageOf(report: CompareReport, drawn: Drawn): string {
  const { cells, across } = drawn;
  return htmlPage({
    title: report.title,
    ...(report.kicker === undefined ? {} : { kicker: report.kicker }),
    lead: [
      (report.notes ?? []).map((note) => markup`<p>${note}</p>`),
      htmlWarnings(warningsOf(report, cells, across)),
    ],
    sections: sections(report, drawn),
    ...(report.footer === undefined ? {} : { footer: report.footer }),
  });
}

function sections(report: CompareReport, drawn: Drawn): PageSection[] {
  const { cells, across } = drawn;
  const list: [id: string, title: string, body: Content][] = [
    [
      'evaluation',
      'Final evaluation',
      [
        markup`<p>Each run's score is the mean return of fresh episodes of its final policy with its most likely action. Intervals are over seeds: Student's t on the mean below ten seeds, from ten on a bootstrap. The IQM drops ⌊n/4⌋ runs at each end and has no interval below ten seeds.</p>`,
        heatTable(report, cells),
        twinsOf(report, cells).map((sentence) => markup`<p class="muted">${sentence}</p>`),
        htmlFold('Every cell, with intervals, extremes and flags', evaluationTable(cells)),
      ],
    ],
    ['normalised', 'Over environments', normalised(across, drawn)],
    ['improvement', 'Which is better', [shown(drawn.improvement), pairs(across, report)]],
    [
      'curves',
      'Sample efficiency',
      drawn.curves.length === 0
        ? markup`<p>No run has a return to draw.</p>`
        : markup`<p>Return of training episodes against steps of the environment.</p><div class="pair">${drawn.curves.map((f) => markup`<div>${shown(f)}</div>`)}</div>`,
    ],
    [
      'cost',
      'Cost',
      [
        markup`<p>Wall-clock is the mean over runs, an update and the rate are medians. Runs that shared the machine with others are slower than alone.</p>`,
        costTable(cells),
      ],
    ],
    ['steps', 'Size of the steps', stepSection(cells)],
    ['settings', 'How it was made', provenance(report, across)],
  ];
  return list.filter(([, , body]) => body !== null).map(([id, title, body]) => ({ id, title, body }));
}

function normalised(across: Across, drawn: Drawn): Content {
  if (across.environments.length === 0)
    return markup`<p>None of these environments has a reference, so scores cannot be normalised.</p>`;
  if (across.arms.length === 0)
    return markup`<p>No algorithm has three scored runs in every environment that has a reference yet.</p>`;
  return [
    markup`<p>Score = (return − random)/(reference − random). The mean and the median are of the environments' means; the IQM is of all runs together; the gap is 1 minus the mean of scores cut at 1.</p>`,
    aggregateTable(across),
    markup`<p class="muted">${coverageWords(across)}</p>`,
    shown(drawn.aggregate),
    shown(drawn.profiles),
  ];
}

function pairs(across: Across, report: CompareReport): Content {
  const unpaired = unpairedText(across);
  const why = unpaired === null ? null : markup`<p class="muted">${unpaired}</p>`;
  const table = pairedTable(across);
  if (table === null) {
    return [
      (report.shared ?? []).length === 0
        ? markup`<p>No two algorithms share initial parameters and reset streams, so no differences are paired.</p>`
        : markup`<p>No pair that shares initial parameters and reset streams has three seeds in common yet.</p>`,
      why,
    ];
  }
  const n = across.paired.length;
  return [
    markup`<h3>Differences by seed</h3><p>Only between algorithms whose runs of one seed begin with the same parameters and reset by the same streams. Intervals and p are Student's t on the differences; Holm's p is corrected for ${n === 1 ? 'this one comparison' : `all ${n} comparisons of the table`}. Intervals are not corrected.</p>`,
    table,
    why,
  ];
}

function stepSection(cells: readonly Cell[]): Content {
  const [steps, diagnostics] = [stepTable(cells), diagnosticsTable(cells)];
  if (steps === null && diagnostics === null) return null;
  return [
    steps === null
      ? null
      : [
          markup`<p>Medians over runs of each run's figures over its updates: length of the policy's step, KL got over KL asked before any line search, and |score|²/λ. Where the last is far below 1, the rank-1 inverse is 1/λ times the identity, and its algorithm is the policy gradient at learning rate η/λ.</p>`,
          steps,
        ],
    diagnostics === null ? null : [markup`<h3>Diagnostics</h3>`, diagnostics],
  ];
}

function provenance(report: CompareReport, across: Across): Content {
  return [
    report.command === undefined ? null : markup`<pre>${report.command}</pre>`,
    report.facts === undefined || report.facts.length === 0 ? null : htmlFacts(report.facts),
    across.environments.length === 0
      ? null
      : [
          markup`<h3>What scores are normalised by</h3><p>Random: 1,000 episodes of uniformly drawn actions. Reference: the reward threshold, or else the middle of what PPO reaches in published tables. Neither is from this comparison.</p>`,
          scaleTable(across.environments),
        ],
    markup`<p class="muted">Bootstraps: 2,000 resamples of seeds within each environment, seed ${report.seed ?? 0}.</p>`,
  ];
}
