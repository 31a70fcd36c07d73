/**
 * @module cli/estimate/subject
 *
 * Subject of `fim estimate`: network, data, weights of entries and engine, opened and checked, with what was done said.
 */
import { checkArrayName } from '../../data/npz.js';
import { requireExample } from './room.js';
import { readArrays } from '../../disk/index.js';
import { isOfParameters } from '../../fisher/sums/digests.js';
import type { Network } from '../../model/network.js';
import { readEntryWeights } from '../../jobs/entry-weights.js';
import type { Run } from '../command.js';
import { type Messages, sayEngine } from '../terminal/messages.js';
import { parameterCount } from '../../model/network.js';
import { LARGEST_GROUPED } from '../../jobs/shard.js';
import { requireLayersRoom } from '../../jobs/layers-room.js';
import { checkRows } from './rows.js';
import { groupsFor } from '../../jobs/grouped.js';
import { checkDense } from './dense.js';
import { checkLayers, layerFormsOf, layerNumbers } from './layer-forms.js';
import { openData, openEngine, openModel } from './session.js';

/** Examples per pass where nothing is said. */
const BATCH = 256;

/** What the command gets. */
export type EstimateContext = Parameters<Run<'estimate'>>[0];

/** What is measured, opened and checked. */
export async function openSubject(context: EstimateContext, messages: Messages) {
  const { options, positionals } = context;
  const wholeMatrix = options.form === 'dense';
  const opened = await openModel(positionals.model, options, positionals.data);
  const { network, likelihood, loaded } = opened;
  for (const node of loaded.output.removed)
    messages.note(`removed ${node} behind output "${loaded.output.name}"`);
  for (const note of opened.notes) messages.note(note);
  requireExample(network, positionals.model);
  if (options.out?.endsWith('.npz'))
    for (const name of network.parameters.keys()) checkArrayName(`fisher/${name}`, `--out ${options.out}`);
  const empirical = options.estimator === 'empirical';
  const dataset = await openData(positionals.data, network, options, empirical, loaded);
  for (const note of dataset.notes) messages.note(note);
  likelihood.checkOutputs(network.h.shape[1] as number);
  if (wholeMatrix) checkDense(network, likelihood, options);
  const rows = checkRows(options);
  checkBasis(options.basis, network, messages);
  const byLayer = layerFormsOf(options) !== null;
  const P = parameterCount(network);
  const keptNumbers = wholeMatrix && P <= LARGEST_GROUPED ? P * P : layerNumbers(network, options);
  checkLayers(network, options);
  const formOf = layerFormsOf(options);
  const grouped = !options.noGroups && (options.out ?? options.run) !== undefined;
  if (formOf)
    requireLayersRoom(network, { ...options, formOf }, options.memory, (memory) =>
      grouped ? groupsFor(P, memory, P + keptNumbers) : 0,
    );
  const targets =
    dataset.targets && empirical
      ? likelihood.readTargets(dataset.targets, dataset.n, network.h.shape[1] as number, {
          where: `${positionals.data}: targets`,
          ...(options.softTargets ? { soft: options.softTargets } : {}),
        })
      : null;
  const [functionals, quadratics] = [options.functional, options.quadratic].map((path) =>
    path === undefined ? [] : readEntryWeights(readArrays(path), network, loaded.unused),
  );
  const batch = Math.min(options.batch ?? BATCH, dataset.n);
  const choice = await openEngine(network, likelihood, { ...options, batch });
  sayEngine(messages, choice);
  return {
    ...opened,
    dataset,
    targets,
    batch,
    wholeMatrix,
    byLayer,
    rows,
    keptNumbers,
    functionals,
    quadratics,
    ...choice,
  };
}

/** Says where bases of scales were taken at other weights: they are as good a basis as any, but not the best one of these. */
function checkBasis(path: string | undefined, network: Network, messages: Messages): void {
  if (path === undefined) return;
  const hash = readArrays(path).manifest()?.parametersHash;
  if (typeof hash === 'string' && !isOfParameters(network, hash))
    messages.warn(
      `the bases of ${path} were taken at other weights: scales in them are right, but those of these weights fit better`,
    );
}

/** What it gives. */
export type OpenedSubject = Awaited<ReturnType<typeof openSubject>>;
