/**
 * @module cli/estimate/session
 *
 * What every command on a model and data begins with: read the network, its weights and the data, make an engine, and check on
 * the first examples what the graph alone cannot show.
 */
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { FimError } from '../../core/errors.js';
import { type FloatType, isFloat, type TypedArray } from '../../core/tensor.js';
import { batches } from '../../data/batches.js';
import type { Dataset } from '../../data/dataset.js';
import { type InputSpec, loadDataset } from '../../data/index.js';
import { readBytes, sha256 } from '../../data/files.js';
import { createEngine } from '../../engine/index.js';
import type { Engine } from '../../engine/types.js';
import { Passes } from '../../fisher/passes.js';
import { statisticsGraph } from '../../fisher/statistics.js';
import { graph, isBatch } from '../../graph/index.js';
import { looksLikeProbabilities } from '../../graph/onnx/index.js';
import type { Likelihood } from '../../likelihood/types.js';
import { requireIndependent } from '../../model/independence.js';
import { likelihoodSettings } from '../likelihood.js';
import { type LoadedNetwork, loadNetwork } from '../../model/load.js';
import { readMetadata } from '../../model/metadata.js';
import { type Network, withWeights } from '../../model/network.js';
import { breathing } from '../../run/breathe.js';
import { givenWeights } from './weights.js';

/** Options that say which model. */
export interface ModelOptions {
  readonly likelihood?: string | undefined;
  readonly variance?: number | undefined;
  readonly trials?: number | undefined;
  readonly shape?: number | undefined;
  readonly link?: string | undefined;
  readonly parameters: readonly string[];
  readonly freeze: readonly string[];
  readonly output?: string | undefined;
  readonly outputIs?: 'natural' | undefined;
  readonly weights?: string | undefined;
  readonly dtype?: FloatType;
}

export interface OpenedModel {
  readonly loaded: LoadedNetwork;
  readonly network: Network;
  readonly likelihood: Likelihood;
  readonly path: string;
  readonly hash: string;
  readonly notes: readonly string[];
}

/** Reads MODEL. */
export function openModel(path: string, options: ModelOptions): OpenedModel {
  const bytes = readBytes(path);
  const loaded = loadNetwork(bytes, {
    file: path,
    external: (location) => readBytes(join(dirname(path), location)),
    dtype: options.dtype ?? 'float32',
    likelihood: options.likelihood,
    likelihoodOptions: likelihoodSettings(options),
    link: options.link,
    output: options.output,
    outputIs: options.outputIs,
    parameters: options.parameters,
    freeze: options.freeze,
  });
  const notes = [...loaded.notes];
  let { network } = loaded;
  if (options.weights !== undefined) {
    const known = readMetadata(loaded.model.metadata);
    const given = givenWeights(options.weights, network.h, loaded.judged, known);
    network = withWeights(network, given.values);
    if (given.note !== null) notes.push(given.note);
  }
  return { loaded, network, likelihood: loaded.likelihood, path, hash: sha256(bytes), notes };
}

/** The data inputs as files are held against them. */
export function inputSpecs(network: Network): InputSpec[] {
  return [...network.inputs].map(([name, v]) => ({
    name,
    dtype: v.dtype,
    shape: v.shape.slice(1).map((d) => (isBatch(d) ? null : d)),
  }));
}

export interface DataOptions {
  readonly targets?: string | undefined;
  readonly targetColumn: readonly string[];
  readonly scale?: number | undefined;
  readonly input?: readonly string[];
}

/** Reads DATA for a network. */
export function openData(
  path: string,
  network: Network,
  options: DataOptions,
  requireTargets: boolean,
): Dataset {
  return loadDataset(path, {
    inputs: inputSpecs(network),
    targets: options.targets,
    targetColumn: options.targetColumn.length > 0 ? options.targetColumn : undefined,
    scale: options.scale,
    arrays: arrayNames(options.input ?? [], network),
    requireTargets,
  });
}

/** `--input NAME=ARRAY`. */
function arrayNames(pairs: readonly string[], network: Network): Record<string, string> {
  const arrays: Record<string, string> = {};
  for (const pair of pairs) {
    const [name, array] = pair.split('=', 2);
    if (!array || !network.inputs.has(name)) {
      throw new FimError({
        code: 'usage/input',
        kind: 'usage',
        where: `--input ${pair}`,
        rule: 'is NAME=ARRAY with NAME an input of the graph',
        got: `inputs: ${[...network.inputs.keys()].join(', ')}`,
        next: [...network.inputs.keys()].map((input) => `--input ${input}=ARRAY`).join(' '),
      });
    }
    arrays[name] = array;
  }
  return arrays;
}

export interface EngineRequest {
  readonly engine: 'auto' | 'ort' | 'small';
  readonly threads?: number | undefined;
  readonly batch: number;
}

/** An engine for a network, chosen by the size of its exact diagonal. */
export async function openEngine(
  network: Network,
  likelihood: Likelihood,
  request: EngineRequest,
): Promise<{ engine: Engine; reason: string }> {
  const T = network.h.shape[1] as number;
  const columns = likelihood.columnCount(T);
  const s = statisticsGraph(network.h, network.parameters, {
    columns,
    squares: true,
    label: null,
    totals: 'norms',
  });
  const inputs = Object.fromEntries([
    ...network.inputs,
    ...network.parameters,
    ...network.fixed,
    ...Object.entries(s.late),
  ]);
  const { engine, reason } = await createEngine({
    engine: request.engine,
    dtype: network.h.dtype as FloatType,
    threads: request.threads ?? availableParallelism(),
    graph: graph(inputs, s.outputs),
    batch: request.batch,
  });
  return { engine: breathing(engine), reason };
}

/** How many examples the checks look at. */
const CHECKED = 32;

/** Runs the first examples: examples must be independent, and h must not look like probabilities. */
export async function checkFirstExamples(
  engine: Engine,
  network: Network,
  dataset: Dataset,
  outputIs: 'natural' | undefined,
): Promise<void> {
  const T = network.h.shape[1] as number;
  const batch = Math.min(CHECKED, dataset.n);
  const programs = await Passes.compile(engine, network, {}, batch);
  try {
    for (const first of batches(dataset, { batch, dtype: programs.dtype, examples: batch, order: 'file' })) {
      const inputs = new Map<string, TypedArray>([...first.inputs].map(([name, t]) => [name, t.data]));
      const h = (await programs.forward(inputs, first.n)).slice();
      if (outputIs !== 'natural' && looksLikeProbabilities(h, first.n, T)) throw probabilities();
      if ([...network.inputs.values()].some((v) => isFloat(v.dtype))) {
        await requireIndependent((x, n) => programs.forward(x, n), inputs, first.n, T);
      }
    }
  } finally {
    programs.dispose();
  }
}

function probabilities(): FimError {
  return new FimError({
    code: 'model/probabilities',
    where: 'network output',
    rule: 'must be the natural parameter (logits), not probabilities',
    got: 'every row of the first examples lies in [0, 1] and sums to 1',
    cause: 'a Softmax at the end that could not be recognised',
    next: 'name the logits with --output NAME, or confirm with --output-is natural',
  });
}
