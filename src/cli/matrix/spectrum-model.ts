/**
 * @module cli/matrix/spectrum-model
 *
 * `fim spectrum MODEL DATA`: the network and the data opened, the matrix estimated in the form that its size allows, and its figures.
 */
import { basename } from 'node:path';
import { FimError } from '../../core/errors.js';
import { ESTIMATOR_NAMES, type Estimator, isEstimator } from '../../fisher/estimate.js';
import { gramBytes } from '../../fisher/gram/gram.js';
import type { MatrixForm } from '../../jobs/held-form.js';
import { denseByGroups } from '../../jobs/matrix/dense-groups.js';
import { notApart } from '../../jobs/matrix/draws-apart.js';
import { formByGroups } from '../../jobs/matrix/form-groups.js';
import { shareLeft, usualDamping } from '../../jobs/matrix/file.js';
import { implicitSpectrum } from '../../jobs/matrix/implicit-spectrum.js';
import { weightedDense } from '../../jobs/matrix/weighted-dense.js';
import { turn } from '../../jobs/yielding.js';
import { figuresOf, LARGEST_WRITTEN } from '../../matrix/index.js';
import { layersOf } from '../../model/layers.js';
import { parameterCount } from '../../model/network.js';
import { formatCount } from '../../report/format.js';
import type { Context } from '../command.js';
import { openSubject } from '../estimate/open-subject.js';
import { startProgress } from '../terminal/live.js';
import { messagesOf } from '../terminal/messages.js';
import type { SpectrumFound } from '../../report/spectrum-report.js';

type ModelContext = Omit<Context<'spectrum'>, 'positionals'> & {
  readonly positionals: { readonly model: string; readonly data: string };
};

/** Of a network over data. Throws what opening and estimating throw, `usage/estimator` and `usage/visits`. */
export async function spectrumOfModel({
  options,
  positionals,
  io,
  signal,
  given,
}: ModelContext): Promise<SpectrumFound> {
  const messages = messagesOf(io, options);
  const estimator = estimatorOf(options.estimator);
  const empirical = estimator === 'empirical';
  const opened = await openSubject(positionals, { ...options, exampleWeights: undefined }, messages, {
    targets: empirical,
  });
  const { network, likelihood, dataset, engine, batch } = opened;
  const T = network.h.shape[1] as number;
  const progress = startProgress(io, 'spectrum', options.quiet);
  const live = messagesOf(io, options, progress.log);
  try {
    const targets =
      dataset.targets && empirical
        ? likelihood.readTargets(dataset.targets, dataset.n, T, { where: `${positionals.data}: targets` })
        : null;
    const examples = Math.min(options.examples ?? dataset.n, dataset.n);
    const labels = options.labels ?? 1;
    const { order, seed, memory, top, level } = options;
    const parameters = parameterCount(network);
    const columns = estimator === 'exact' ? likelihood.columnCount(T) : empirical ? 1 : labels;
    const form = given.has('form')
      ? options.form
      : chosenForm(parameters, columns * examples, gramBytes(network, examples, columns));
    const implicit = form === 'implicit';
    messages.say(`form: ${form}, ${FORM_WORDS[form]} of ${formatCount(parameters)} parameters`);
    const population = options.population ?? 'distribution';
    const drawn = estimator === 'exact' || empirical ? 0 : labels;
    const whose = { level, parameters, estimator, of: basename(positionals.model) };
    if (implicit) {
      if (estimator !== 'exact') throw exactAlone(estimator);
      const facts = { examples, populationSize: dataset.n, labels: 0, population };
      const found = await implicitSpectrum(
        { engine, network, likelihood, dataset, targets },
        {
          examples,
          batch,
          order,
          seed,
          top,
          level,
          left: shareLeft(facts),
          ...{ population, memory, signal },
          damping: options.damping,
        },
        (words) => progress.update(0, words),
      );
      return { ...whose, ...found, form: 'implicit', examples };
    }
    const subject = { engine, network, likelihood, dataset, targets };
    const visits = given.has('visits') ? options.visits : 'uniform';
    if (visits === 'weighted' && (estimator !== 'exact' || form !== 'dense')) throw weightedAlone();
    const asked = { estimator, labels, examples, order, seed, memory };
    const heard = { signal, say: live.say, progress: (share: number) => progress.update(share, '') };
    const weighted =
      visits === 'uniform' || estimator !== 'exact' || form !== 'dense'
        ? null
        : await weightedDense(
            subject,
            { visits, examples, order, seed, memory, population, level, batch },
            { signal, say: live.say, step: (share) => progress.update(share, '') },
          );
    if (weighted) live.say('visits: weighted');
    const made = weighted
      ? { ...weighted, draws: null }
      : form === 'dense'
        ? await denseByGroups(subject, { ...asked, ...heard, apart: population === 'data' })
        : await formByGroups(subject, { ...asked, labels: options.labels, population, batch }, form, heard);
    progress.end();
    const { fisher, draws } = made;
    const facts = { examples: made.examples, populationSize: dataset.n, labels: draws ? 0 : drawn };
    // Weighted visits are drawn with replacement: their error has no part that ends with the data.
    const left = weighted ? 1 : shareLeft({ ...facts, population });
    const notes =
      population === 'data' && facts.labels > 0 && !weighted ? [whyNotApart(form, options.labels)] : [];
    for (const note of notes) live.note(note);
    const damping = options.damping ?? (await usualDamping(fisher));
    const layers = layersOf(network);
    const asking = { damping, top, level, left, draws, layers, density: true };
    const figures = await figuresOf(fisher, { ...asking, pause: turn, signal });
    return {
      ...whose,
      ...{ figures, damping, notes },
      form,
      groups: fisher.counts.length,
      examples: made.examples,
      interrupted: made.interrupted || figures.interrupted,
    };
  } finally {
    progress.end();
    engine.dispose();
  }
}

/** Why errors of draws are not told from those of inputs; `labels`: as asked for, one for a dense matrix and two for the others where nothing is. */
function whyNotApart(form: MatrixForm, labels: number | undefined): string {
  const several = labels === undefined ? form !== 'dense' : labels > 1;
  if (!several) return notApart('one draw an example', '--labels 2');
  return form === 'gram'
    ? notApart('--form gram', '--form block')
    : notApart('a run that was interrupted', 'a whole one');
}

function estimatorOf(name: string | undefined): Estimator {
  if (name === undefined) return 'exact';
  if (isEstimator(name)) return name;
  throw new FimError({
    code: 'usage/estimator',
    kind: 'usage',
    where: `--estimator ${name}`,
    rule: `a spectrum has the estimators ${ESTIMATOR_NAMES.join(', ')}`,
    next: '--estimator exact',
  });
}

/** Where none is asked for. */
function chosenForm(parameters: number, rows: number, bytes: number): MatrixForm {
  if (parameters <= LARGEST_WRITTEN) return 'dense';
  return rows <= LARGEST_WRITTEN && bytes <= MOST_ROW_BYTES ? 'gram' : 'implicit';
}

/** Bytes of rows that are kept without being asked for. */
const MOST_ROW_BYTES = 2 ** 28;

const FORM_WORDS: Readonly<Record<MatrixForm, string>> = {
  dense: 'all of the matrix',
  gram: 'rows of the matrix',
  implicit: 'products with the matrix',
  diagonal: 'the diagonal',
  unit: 'blocks by neuron',
  block: 'blocks by layer',
  kfac: 'Kronecker factors',
  ekfac: 'scales in eigenbases',
};

const exactAlone = (estimator: string): FimError =>
  new FimError({
    code: 'usage/estimator',
    kind: 'usage',
    where: `--form implicit --estimator ${estimator}`,
    rule: 'takes products with the matrix in exact columns alone',
    next: '--estimator exact, or --form kfac',
  });

const weightedAlone = (): FimError =>
  new FimError({
    code: 'usage/visits',
    kind: 'usage',
    where: '--visits weighted',
    rule: 'goes with the dense matrix in exact columns: factors of inputs do not follow what the visits are weighted by',
    next: '--form dense --estimator exact, or --visits uniform',
  });
