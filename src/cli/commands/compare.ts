/**
 * @module cli/commands/compare
 *
 * `fim compare A B` and `fim compare A MODEL DATA`: two Fishers side by side.
 */
import { basename } from 'node:path';
import { quote } from '../../core/shell.js';
import { notApart } from '../../jobs/matrix/draws-apart.js';
import { exactDiagonal } from '../../jobs/matrix/exact-diagonal.js';
import {
  type FisherOfFile,
  requirePopulation,
  requireSameParameters,
  samePlaces,
  sameWeights,
  shareLeft,
} from '../../jobs/matrix/file.js';
import { turn } from '../../jobs/yielding.js';
import { zeroWarnings } from '../../fisher/warnings.js';
import {
  type Comparison,
  compareFishers,
  compareWithProducts,
  type FisherMatrix,
} from '../../matrix/index.js';
import type { DiagonalEstimate } from '../../fisher/index.js';
import { isOfParameters } from '../../fisher/sums/digests.js';
import { requireParameters } from '../matrix/parameters.js';
import { formatCount, formatNumber, formatPercent } from '../../report/format.js';
import type { NonlinearFigure } from '../../stats/index.js';
import type { Context, Run } from '../command.js';
import type { Writer } from '../io.js';
import { anyError, FIGURE_COLUMNS, figureCells, figureJson, figureNotes } from '../matrix/figure.js';
import { openFisher } from '../matrix/fisher-file.js';
import { openProducts } from '../matrix/products.js';
import { jsonLine } from '../mentions.js';
import { withLikelihoodOf } from '../matrix/likelihood-of-file.js';
import { sayUnused } from '../matrix/unused.js';
import { startProgress } from '../terminal/live.js';
import { messagesOf } from '../terminal/messages.js';
import { styleOf, wrap } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';

export const run: Run<'compare'> = async (context) => {
  const { positionals, options, io, signal, given } = context;
  if (positionals.data !== undefined) return compareWithModel(context, positionals.data);
  const [a, b] = [openFisher(positionals.a, meant(context)), openFisher(positionals.b, meant(context))];
  requireSameParameters(a, b);
  const { level, share } = options;
  const populationOf = ({ facts }: FisherOfFile) =>
    given.has('population') ? options.population : facts.population;
  for (const side of [a, b]) requirePopulation(side, populationOf(side));
  sayUnused(messagesOf(io, options), given, ['share']);
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
  const [one, other] = [a, b].map(populationOf);
  if (one && other && one !== other)
    warnings.push(
      `errors of two populations: ${basename(a.where)} is of ${one}, ${basename(b.where)} of ${other}; --population names one for both`,
    );
  for (const { where, fisher } of [a, b])
    for (const line of zeroWarnings((await fisher.whole.trace()).value)) warnings.push(`${where}: ${line}`);
  const notes = drawNotes([a, b], populationOf);
  for (const note of notes) messagesOf(io, options).note(note);
  warnings.push(...notes);
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
  const named = namedOf(found);
  const width = io.stdout.columns;
  const label = ({ where, fisher, facts }: FisherOfFile): string =>
    `${basename(where)} (${[fisher.whole.form, facts.estimator].filter(Boolean).join(', ')})`;
  const lines = [
    wrap(`${label(b)} against ${label(a)}, ${formatCount(a.fisher.whole.size)} parameters`, width),
    '',
    tableOf(named, io.stdout),
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
    ...[...figureNotes(named), ...warnings.filter((line) => !notes.includes(line))].map((line) =>
      wrap(line, width),
    ),
  ];
  io.stdout.write(`${lines.join('\n')}\n`);
  return code;
};

/** Where errors of draws do not end with the data, though these are all there is. */
function drawNotes(
  sides: readonly FisherOfFile[],
  populationOf: (side: FisherOfFile) => string | null | undefined,
): string[] {
  const drawn = sides.filter((side) => populationOf(side) === 'data' && side.facts.labels > 0);
  if (drawn.length === 0) return [];
  const names = [...new Set(drawn.map(({ where }) => basename(where)))].join(' and ');
  return [notApart(`a file of drawn labels or signs (${names})`, 'a file of --estimator exact')];
}

const namedOf = ({ relativeDistance, cosine, traceRatio, overlap }: Comparison) =>
  [
    ['relative distance', relativeDistance],
    ['cosine', cosine],
    ['trace ratio', traceRatio],
    [`overlap of the largest ${formatPercent(overlap.share)}`, overlap],
  ] as const;

const tableOf = (named: readonly (readonly [string, NonlinearFigure])[], screen: Writer): string =>
  renderTable(
    [{ title: '' }, ...FIGURE_COLUMNS],
    named.map(([name, figure]) => [name, ...figureCells(figure)]),
    { width: screen.columns, style: styleOf(screen) },
  );

/** The line with the file of a Fisher first, then the network and its data. */
function meant({ positionals: { a, b, data } }: Context<'compare'>): string {
  const isModel = (path: string): boolean => /\.onnx$/i.test(path);
  const fisher = [a, b].find((path) => !isModel(path)) ?? 'FISHER.npz';
  const model = [a, b].find(isModel) ?? 'MODEL.onnx';
  return `fim compare ${[fisher, model, data ?? 'DATA.npz'].map(quote).join(' ')}`;
}

/** The file of a Fisher against the Fisher of a network, by products. */
async function compareWithModel(context: Context<'compare'>, data: string): Promise<void> {
  const { positionals, options, io, signal } = context;
  const a = openFisher(positionals.a, meant(context));
  const { whole } = a.fisher;
  const messages = messagesOf(io, options);
  const progress = startProgress(io, 'compare', options.quiet);
  const hear = (passes: number): void => progress.update(0, `${passes} passes`);
  const { opened, note } = await withLikelihoodOf(a, (named) =>
    openProducts(positionals.b, data, { ...options, ...named }, { messages, signal, hear }),
  );
  if (note !== null) messages.note(note);
  try {
    const { fisher, subject, visits, network } = opened;
    requireParameters(positionals.a, whole.layout, network);
    const request = { ...visits, memory: options.memory, signal };
    const { tensors } = await exactDiagonal(subject, request, () => progress.update(0, 'diagonal'));
    const found = await compareWithProducts(whole, fisher, {
      diagonal: diagonalOf(fisher, tensors),
      ...{ share: options.share, seed: options.seed },
    });
    progress.end();
    const warnings = zeroWarnings((await whole.trace()).value).map((line) => `${a.where}: ${line}`);
    const sameWeights = a.facts.parametersHash === null || isOfParameters(network, a.facts.parametersHash);
    const { relativeDistance, cosine, traceRatio, overlap } = found;
    if (options.json) {
      io.stdout.write(
        jsonLine({
          ...{ forms: [whole.form, 'implicit'], estimators: [a.facts.estimator, 'exact'] },
          ...{ parameters: whole.size, sameWeights, errors: 'probes', examples: visits.examples },
          relativeDistance: figureJson(relativeDistance),
          cosine: figureJson(cosine),
          traceRatio: figureJson(traceRatio),
          overlap: { share: overlap.share, ...figureJson(overlap) },
          warnings,
          interrupted: false,
        }),
      );
      return;
    }
    const width = io.stdout.columns;
    const named = namedOf(found);
    const words = `all of ${basename(positionals.b)} (products, exact, ${formatCount(visits.examples)} ${visits.examples === 1 ? 'example' : 'examples'}) against ${basename(positionals.a)} (${whole.form}), ${formatCount(whole.size)} parameters`;
    const lines = [
      wrap(words, width),
      '',
      tableOf(named, io.stdout),
      '',
      ...(sameWeights ? [] : [wrap('taken at different weights: the digests of θ differ', width)]),
      ...named.flatMap(([name, { probeError }]) =>
        probeError === undefined
          ? []
          : [wrap(`${name}: ± ${formatNumber(probeError)} by the random signs`, width)],
      ),
      wrap('errors of the examples: none, products tell that of their random signs alone', width),
      ...warnings.map((line) => wrap(line, width)),
    ];
    io.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    progress.end();
    opened.dispose();
  }
}

/** The diagonal [P] in the order of products; 0 where nothing reaches the output. */
function diagonalOf(
  { layout, size }: Pick<FisherMatrix, 'layout' | 'size'>,
  tensors: DiagonalEstimate['tensors'],
): Float64Array {
  const out = new Float64Array(size);
  const places = new Map(layout.map(({ name, offset }) => [name, offset]));
  for (const { name, fisher } of tensors) {
    const at = places.get(name);
    if (at !== undefined) out.set(fisher, at);
  }
  return out;
}
