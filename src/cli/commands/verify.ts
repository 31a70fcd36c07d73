/**
 * @module cli/commands/verify
 *
 * `fim verify FISHER MODEL DATA`: divergences of the network along directions against the quadratic form of a Fisher of a file; without FISHER
 * against that by products with the matrix.
 */
import { basename } from 'node:path';
import { type ExitCode, FimError } from '../../core/errors.js';
import { batches } from '../../data/batches.js';
import { quote } from '../../core/shell.js';
import { readArrays } from '../../disk/index.js';
import { groupOf } from '../../fisher/index.js';
import { inputGroupOf, type VisitGrouping } from '../../fisher/visit-groups.js';
import { isOfParameters } from '../../fisher/sums/digests.js';
import { directionsOf, givenDirection, productDirections } from '../../jobs/matrix/directions.js';
import { MovedNetwork } from '../../jobs/matrix/moved-network.js';
import { rightHandSides } from '../../jobs/matrix/right-hand-sides.js';
import { verifyFisher, verifyQuadratics } from '../../jobs/matrix/verify.js';
import { turn } from '../../jobs/yielding.js';
import { sitesOf } from '../../model/sites.js';
import type { FisherMatrix } from '../../matrix/index.js';
import type { Context, Run } from '../command.js';
import { checkFirstExamples, openData, openEngine, openModel } from '../estimate/session.js';
import { isFisher, openFisher } from '../matrix/fisher-file.js';
import { withLikelihoodOf } from '../matrix/likelihood-of-file.js';
import { requireParameters } from '../matrix/parameters.js';
import { openProducts } from '../matrix/products.js';
import { verifyJson, verifyText } from '../matrix/verify.js';
import { jsonLine } from '../mentions.js';
import { startProgress } from '../terminal/live.js';
import { messagesOf, sayEngine } from '../terminal/messages.js';

const BATCH = 256;
/** Directions of each kind in one block of all of θ. */
const WHOLE = 3;

/** Throws `usage/verify` for a Fisher without its network or data, `verify/parameters` where the file is not of the network's parameters, `verify/direction` for given directions that are 0. */
export const run: Run<'verify'> = async (context) => {
  const { positionals, options: said, io, signal } = context;
  const { fisher: path, model, data } = positionals;
  if (data === undefined && isFisher(path)) throw withoutModel(path, model);
  if (data === undefined) return verifyProducts(context, path, model);
  const options = { ...said, dtype: 'float64' as const };
  const messages = messagesOf(io, options);
  const file = openFisher(path, `fim verify ${quote(model)} ${quote(data)}`);
  const { fisher, facts } = file;
  const { opened, note } = await withLikelihoodOf(file, (named) =>
    openModel(model, { ...options, ...named }, data),
  );
  const { network, likelihood, loaded, notes } = opened;
  if (note !== null) messages.note(note);
  for (const one of notes) messages.note(one);
  requireParameters(path, fisher.whole.layout, network);
  const dataset = await openData(data, network, { ...options, exampleWeights: undefined }, false, loaded);
  for (const note of dataset.notes) messages.note(note);
  likelihood.checkOutputs(network.h.shape[1] as number);
  const sameWeights = facts.parametersHash === null ? null : isOfParameters(network, facts.parametersHash);
  if (sameWeights === false)
    messages.warn(`${path} was taken at other weights: the digest of θ is not that of ${model}`);
  const known = facts.dataHash !== null && facts.dataHash === dataset.hash && facts.seed !== null;
  const visited = known && facts.examples !== null && facts.visitsHash === null;
  // Of weighted visits under a distribution the groups are of all inputs.
  const ofInputs =
    known &&
    facts.visitsHash !== null &&
    facts.population === 'distribution' &&
    fisher.counts.reduce((sum, n) => sum + n, 0) === dataset.n;
  const same = visited || ofInputs;
  const examples = visited ? Math.min(facts.examples ?? dataset.n, dataset.n) : dataset.n;
  const order = ofInputs || (same && facts.order === 'file') ? 'file' : 'seed';
  const seed = same ? (facts.seed ?? 0) : 0;
  const batch = Math.min(options.batch ?? BATCH, dataset.n);
  const choice = await openEngine(network, likelihood, { ...options, batch });
  sayEngine(messages, choice);
  const progress = startProgress(io, 'verify', options.quiet);
  try {
    await checkFirstExamples(choice.engine, network, dataset, {
      outputIs: options.outputIs,
      likelihood: likelihood.name,
    });
    const moved = await MovedNetwork.compile(
      choice.engine,
      { network, likelihood, layout: fisher.whole.layout },
      (size, dtype) => batches(dataset, { batch: size, dtype, order, seed, examples }),
      {
        examples,
        batch,
        pause: async () => {
          await turn();
          signal.throwIfAborted();
        },
      },
    );
    const given = options.directions === undefined ? [] : vectorsOf(options.directions, fisher.whole);
    const sites = sitesOf([network.h], [...network.parameters.values()]);
    const names = [...network.parameters.keys()];
    const dense = new Set(sites.flatMap(({ form }, k) => (form === 'dense' ? [names[k]] : [])));
    const directions = await verifyFisher(moved, {
      ...{ fisher, facts, same, examples: dataset.n },
      drawnGroups: groupsOf({ count: fisher.counts.length, seed }, { ofInputs, order }),
      directions: (matrix) => [
        ...directionsOf(matrix, { whole: WHOLE, seed: options.seed, dense }),
        ...given.map((v, k) => givenDirection(matrix, v, `row ${k}`)),
      ],
      progress: (share) => progress.update(share, ''),
    });
    moved.dispose();
    progress.end();
    const found = {
      directions,
      ...{ same, examples, sameWeights },
      form: fisher.whole.form,
      parameters: fisher.whole.size,
      estimator: facts.estimator,
      of: basename(path),
    };
    io.stdout.write(options.json ? jsonLine(verifyJson(found)) : verifyText(found, io.stdout));
    return directions.some(({ off }) => off) ? 1 : 0;
  } finally {
    progress.end();
    choice.engine.dispose();
  }
};

function withoutModel(path: string, other: string): FimError {
  const rest = isFisher(other) ? `MODEL.onnx ${quote(other)}` : `${quote(other)} DATA.npz`;
  return new FimError({
    code: 'usage/verify',
    kind: 'usage',
    where: `fim verify ${quote(path)} ${quote(other)}`,
    rule: 'holds the file of a Fisher against a network over data: three files',
    got: 'two',
    next: `fim verify ${quote(path)} ${rest}`,
  });
}

/** The group of an example of the file's order, which is its place; undefined where groups are stretches of the visits. */
function groupsOf(
  grouping: VisitGrouping,
  { ofInputs, order }: { readonly ofInputs: boolean; readonly order: 'file' | 'seed' },
): ((place: number) => number) | undefined {
  if (ofInputs) return inputGroupOf(grouping);
  return order === 'file' ? groupOf(grouping) : undefined;
}

/** Products with the matrix of MODEL over DATA, in random directions, leading ones and those that are given. */
async function verifyProducts(
  { options: said, io, signal }: Context<'verify'>,
  model: string,
  data: string,
): Promise<ExitCode> {
  const options = { ...said, dtype: 'float64' as const };
  const progress = startProgress(io, 'verify', options.quiet);
  const opened = await openProducts(model, data, options, {
    ...{ messages: messagesOf(io, options), signal },
    hear: (passes) => progress.update(0, `${passes} passes`),
  });
  try {
    const { fisher, subject, network, likelihood, visits } = opened;
    const { layout } = fisher;
    const given = options.directions === undefined ? [] : vectorsOf(options.directions, fisher);
    const directions = await productDirections(fisher, given, { whole: WHOLE, seed: options.seed });
    const { examples, batch, order, seed } = visits;
    const moved = await MovedNetwork.compile(
      subject.engine,
      { network, likelihood, layout },
      (size, dtype) => batches(subject.dataset, { batch: size, dtype, order, seed, examples }),
      {
        ...{ examples, batch },
        pause: async () => {
          await turn();
          signal.throwIfAborted();
        },
      },
    );
    const verified = await verifyQuadratics(moved, directions, {
      quadratic: (v) => fisher.quadratic(v),
      progress: (share) => progress.update(share, ''),
    });
    moved.dispose();
    progress.end();
    const found = {
      directions: verified,
      ...{ same: true, examples, sameWeights: true, form: 'implicit', parameters: fisher.size },
      ...{ estimator: 'exact', of: basename(model) },
    };
    io.stdout.write(options.json ? jsonLine(verifyJson(found)) : verifyText(found, io.stdout));
    return verified.some(({ off }) => off) ? 1 : 0;
  } finally {
    progress.end();
    opened.dispose();
  }
}

function vectorsOf(path: string, { layout }: Pick<FisherMatrix, 'layout'>): readonly Float64Array[] {
  const { vectors } = rightHandSides(readArrays(path), layout);
  const none = vectors.findIndex((v) => !v.some((x) => x !== 0));
  if (none < 0) return vectors;
  throw new FimError({
    code: 'verify/direction',
    where: `${path}: row ${none}`,
    rule: 'a direction has numbers that are not all 0',
    next: 'leave it out of the file',
  });
}
