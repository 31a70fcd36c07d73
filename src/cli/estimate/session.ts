/**
 * @module cli/estimate/session
 *
 * Flags of MODEL and DATA turned into the settings of `openNetwork` and `openDataset` (floor disk), which the library opens them by too.
 */
import { FimError } from '../../core/errors.js';
import type { FloatType } from '../../core/tensor.js';
import type { Dataset } from '../../data/dataset.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { LoadedNetwork } from '../../model/load.js';
import type { Network } from '../../model/network.js';
import { inputSpecs, WHOLE_UP_TO } from '../../data/index.js';
import type { OpenedNetwork } from '../../data/open-network.js';
import { openDataset, openNetwork } from '../../disk/index.js';
import { inputSettings } from '../input-settings.js';
import { likelihoodSettings } from '../likelihood.js';

export { inputSpecs } from '../../data/index.js';
export { checkFirstExamples, openEngine } from '../../jobs/open/index.js';

/** Options that say which model. */
export interface ModelOptions {
  readonly likelihood?: string | undefined;
  readonly variance?: number | readonly number[] | undefined;
  readonly trials?: number | undefined;
  readonly shape?: number | undefined;
  readonly link?: string | undefined;
  readonly parameters: readonly string[];
  readonly freeze: readonly string[];
  readonly output?: string | undefined;
  readonly from?: string | undefined;
  readonly outputIs?: 'natural' | 'as-it-stands' | undefined;
  readonly outputOrder?: 'blocks' | 'interleaved' | undefined;
  readonly weights?: string | undefined;
  readonly names?: string | undefined;
  readonly dtype?: FloatType;
  readonly mask?: string | undefined;
  readonly ignoreLabel?: number | undefined;
  readonly classAxis?: number | undefined;
  readonly batchAxis: readonly string[];
  readonly inputShape: readonly string[];
  readonly constant: readonly string[];
  readonly input?: readonly string[];
}

export interface OpenedModel {
  readonly loaded: OpenedNetwork;
  readonly network: Network;
  readonly likelihood: Likelihood;
  readonly path: string;
  readonly hash: string;
  readonly notes: readonly string[];
}

/** Reads MODEL; DATA say the lengths that it leaves open. */
export async function openModel(path: string, options: ModelOptions, data?: string): Promise<OpenedModel> {
  const loaded = await openNetwork(path, {
    dtype: options.dtype,
    likelihood: options.likelihood,
    likelihoodOptions: likelihoodSettings(options),
    link: options.link,
    output: options.output,
    from: options.from,
    outputIs: options.outputIs,
    outputOrder: options.outputOrder,
    parameters: options.parameters,
    freeze: options.freeze,
    weights: options.weights,
    names: options.names,
    mask: options.mask,
    ignoreLabel: options.ignoreLabel,
    classAxis: options.classAxis,
    ...inputSettings(options),
    data,
    arrays: Object.fromEntries((options.input ?? []).map((pair) => pair.split('=', 2))) as Record<
      string,
      string
    >,
  });
  const { network, likelihood, hash, notes } = loaded;
  return { loaded, network, likelihood, path, hash, notes };
}

export interface DataOptions {
  readonly targets?: string | undefined;
  readonly targetColumn: readonly string[];
  readonly scale?: number | undefined;
  readonly input?: readonly string[];
  readonly exampleWeights?: string | undefined;
  readonly classes?: readonly string[];
  readonly memory?: number | undefined;
}

/** What a network that fim trained says about its data. */
export type TrainedOn = Pick<LoadedNetwork, 'columns' | 'classes'>;

/** Reads DATA for a network. Throws `data/classes`, `usage/input` and what `openDataset` throws. */
export async function openData(
  path: string,
  network: Network,
  options: DataOptions,
  requireTargets: boolean,
  on: TrainedOn,
): Promise<Dataset> {
  const given = options.classes?.length ? options.classes : null;
  const load = (classes: readonly string[] | null) =>
    openDataset(path, network, {
      targets: options.targets,
      targetColumn: options.targetColumn.length > 0 ? options.targetColumn : undefined,
      scale: options.scale,
      arrays: arrayNames(options.input ?? [], network),
      exampleWeights: options.exampleWeights,
      columns: on.columns,
      classes,
      requireTargets,
      wholeUpTo: Math.min(WHOLE_UP_TO, (options.memory ?? Infinity) / 2),
    });
  const T = network.h.shape[1] as number;
  if (given !== null && given.length !== Math.max(2, T)) throw classCount(given, T);
  if (given !== null || on.classes === null || on.classes.some((name) => !Number.isNaN(Number(name)))) {
    return load(given ?? on.classes);
  }
  try {
    return await load(on.classes);
  } catch (error) {
    if (!(error instanceof FimError) || error.code !== 'csv/class-names') throw error;
    // Words of the training, or their numbers; what is neither is answered with the words.
    return await load(null).catch(() => {
      throw error;
    });
  }
}
function classCount(classes: readonly string[], T: number): FimError {
  return new FimError({
    code: 'data/classes',
    kind: 'usage',
    where: `--classes ${classes.join(',')}`,
    rule: `names the classes of the network’s ${T} outputs, in their order${T === 1 ? ': that of 0, then that of 1' : ''}`,
    got: `${classes.length} names`,
    next: `give ${Math.max(2, T)} names`,
  });
}

/** `--input NAME=ARRAY`. */
function arrayNames(pairs: readonly string[], network: Network): Record<string, string> {
  const inputs = inputSpecs(network).map(({ name }) => name);
  const arrays = Object.create(null) as Record<string, string>;
  for (const pair of pairs) {
    const [name, array] = pair.split('=', 2);
    if (!array || !inputs.includes(name)) {
      throw new FimError({
        code: 'usage/input',
        kind: 'usage',
        where: `--input ${pair}`,
        rule: 'is NAME=ARRAY with NAME an input of the graph',
        got: `inputs: ${inputs.join(', ')}`,
        next: inputs.map((input) => `--input ${input}=ARRAY`).join(' '),
      });
    }
    arrays[name] = array;
  }
  return arrays;
}
