/**
 * @module cli/commands/compare
 *
 * `fim compare A B`: two Fishers of files side by side.
 */
import { basename } from 'node:path';
import { readArrays } from '../../disk/index.js';
import {
  fisherOfFile,
  type FisherOfFile,
  requirePopulation,
  requireSameParameters,
  samePlaces,
  sameWeights,
  shareLeft,
} from '../../jobs/matrix/file.js';
import { turn } from '../../jobs/yielding.js';
import { zeroWarnings } from '../../fisher/warnings.js';
import { compareFishers } from '../../matrix/index.js';
import { formatCount, formatPercent } from '../../report/format.js';
import type { Run } from '../command.js';
import { anyError, FIGURE_COLUMNS, figureCells, figureJson, figureNotes } from '../matrix/figure.js';
import { jsonLine } from '../mentions.js';
import { styleOf, wrap } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';

export const run: Run<'compare'> = async ({ positionals, options, io, signal, given }) => {
  const [a, b] = [positionals.a, positionals.b].map((path) => fisherOfFile(readArrays(path)));
  requireSameParameters(a, b);
  const { level, share } = options;
  const populationOf = ({ facts }: FisherOfFile) =>
    given.has('population') ? options.population : facts.population;
  for (const side of [a, b]) requirePopulation(side, populationOf(side));
  const paired = samePlaces(a, b);
  const sideOf = (side: FisherOfFile) => ({
    whole: side.fisher.whole,
    counts: side.fisher.counts,
    of: (groups: readonly number[]) => side.fisher.of(groups),
    left: shareLeft(side.facts, populationOf(side)),
  });
  const found = await compareFishers(sideOf(a), sideOf(b), { paired, level, share, pause: turn, signal });
  const { relativeDistance, cosine, traceRatio, overlap, interrupted } = found;
  const code = interrupted ? 130 : 0;
  const groups = [a, b].map(({ fisher }) => fisher.counts.length);
  const warnings: string[] = [];
  for (const { where, fisher } of [a, b])
    for (const line of zeroWarnings((await fisher.whole.trace()).value)) warnings.push(`${where}: ${line}`);
  if (options.json) {
    io.stdout.write(
      jsonLine({
        forms: [a, b].map(({ fisher }) => fisher.whole.form),
        estimators: [a, b].map(({ facts }) => facts.estimator),
        parameters: a.fisher.whole.size,
        sameWeights: sameWeights(a, b),
        errors: paired ? 'paired' : 'independent',
        groups,
        relativeDistance: figureJson(relativeDistance),
        cosine: figureJson(cosine),
        traceRatio: figureJson(traceRatio),
        overlap: { share: overlap.share, ...figureJson(overlap) },
        warnings,
        interrupted,
      }),
    );
    return code;
  }
  const named = [
    ['relative distance', relativeDistance],
    ['cosine', cosine],
    ['trace ratio', traceRatio],
    [`overlap of the largest ${formatPercent(share)}`, overlap],
  ] as const;
  const width = io.stdout.columns;
  const label = ({ where, fisher, facts }: FisherOfFile): string =>
    `${basename(where)} (${[fisher.whole.form, facts.estimator].filter(Boolean).join(', ')})`;
  const lines = [
    wrap(`${label(b)} against ${label(a)}, ${formatCount(a.fisher.whole.size)} parameters`, width),
    '',
    renderTable(
      [{ title: '' }, ...FIGURE_COLUMNS],
      named.map(([name, figure]) => [name, ...figureCells(figure)]),
      { width, style: styleOf(io.stdout) },
    ),
    '',
    ...(sameWeights(a, b) ? [] : [wrap('taken at different weights: the digests of θ differ', width)]),
    ...(groups.some((n) => n === 0) || !anyError(named)
      ? []
      : [
          wrap(
            paired
              ? 'errors: paired, group by group of the same examples'
              : 'errors: as of two independent samples, since data, order or groups differ',
            width,
          ),
        ]),
    ...[...figureNotes(named), ...warnings].map((line) => wrap(line, width)),
  ];
  io.stdout.write(`${lines.join('\n')}\n`);
  return code;
};
