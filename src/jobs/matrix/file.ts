/**
 * @module jobs/matrix/file
 *
 * A Fisher out of a file that `fim estimate --out` wrote: the matrix, its groups of examples, and what its manifest says of them.
 */
import { FimError } from '../../core/errors.js';
import { setting } from '../../core/settings/reference.js';
import { type Tensor, toFloat64 } from '../../core/tensor.js';
import type { LikelihoodOptions } from '../../likelihood/options.js';
import type { ArrayFile } from '../../data/array-file.js';
import {
  GroupedFisher,
  type KroneckerDamping,
  type LayerOfParameters,
  recordOf,
} from '../../matrix/index.js';

/** What a manifest says of the examples. */
export interface FisherFacts {
  /** Examples that went in; null: not said. */
  readonly examples: number | null;
  /** Examples that there are. */
  readonly populationSize: number | null;
  /** Whether these are all there is. */
  readonly population: 'distribution' | 'data' | null;
  /** The likelihood and its settings; null: not said. */
  readonly likelihood: string | null;
  readonly likelihoodOptions: LikelihoodOptions;
  /** How it was estimated. */
  readonly estimator: string | null;
  /** Draws per example. */
  readonly labels: number;
  /** Hash of the list of weighted visits; null: they are uniform. */
  readonly visitsHash: string | null;
  /** Digests of the data and of θ, and what decides which examples are in which group. */
  readonly dataHash: string | null;
  readonly parametersHash: string | null;
  readonly seed: number | null;
  readonly order: string | null;
  /** Layers of the network by their parameters; null: not said. */
  readonly layers: readonly LayerOfParameters[] | null;
}

/** A Fisher of a file. */
export interface FisherOfFile {
  /** Path. */
  readonly where: string;
  /** The matrix, by groups. */
  readonly fisher: GroupedFisher;
  /** Of its manifest. */
  readonly facts: FisherFacts;
}

/** Arrays that a Fisher is made of. */
const WANTED =
  /^(groups\/(drawn\/|taken\/)?)?(fisher\/|fisher_dense$|diagonal\/|block\/|unit\/|kfac\/.*\/(A|G|A_diagonal)$|ekfac\/|gram\/)/;
const ERRORS = /_se$/;
/** Its square is finite. */
const LARGEST = 1e150;

/**
 * The Fisher of a file of named arrays.
 * @throws FimError with `matrix/array`, `matrix/cover`, `matrix/groups`, `matrix/numbers`, `matrix/record`
 */
export function fisherOfFile(file: ArrayFile, damping: KroneckerDamping = 'exact'): FisherOfFile {
  const manifest = file.manifest();
  const record = recordOf(file.names, (name) => file.describe(name).shape, manifest, file.where);
  const wanted = file.names.filter(
    (name) =>
      (WANTED.test(name) && !ERRORS.test(name)) || /^groups\/(examples|weight|inputs|share)$/.test(name),
  );
  const arrays = new Map<string, Tensor>(
    wanted.map((name) => [name, checked(file.get(name), name, file.where)]),
  );
  return { where: file.where, fisher: new GroupedFisher(arrays, record, damping), facts: factsOf(manifest) };
}

/** Throws `matrix/numbers` for an array with numbers that nothing can be computed with. */
function checked(t: Tensor, name: string, where: string): Tensor {
  const least = /^groups\/(examples|weight|inputs|share)$/.test(name) ? 0 : -LARGEST;
  const values = toFloat64(t);
  const lost = values.findIndex((x) => !(x >= least && x <= LARGEST));
  if (lost < 0) return t;
  throw new FimError({
    code: 'matrix/numbers',
    where: `${where}: array ${name}`,
    rule:
      least === 0
        ? 'what groups of examples count and weigh is finite and at least 0'
        : 'every number of a Fisher is finite, and so is its square',
    got: `${values[lost]} at place ${lost}`,
    cause: 'another program made or changed the file',
    next: `an estimate with ${setting('out', 'fisher.npz')}`,
  });
}

function factsOf(manifest: Readonly<Record<string, unknown>> | null): FisherFacts {
  const number = (key: string): number | null => (typeof manifest?.[key] === 'number' ? manifest[key] : null);
  const word = (key: string): string | null => (typeof manifest?.[key] === 'string' ? manifest[key] : null);
  const population = word('population');
  return {
    // Of a form that was interrupted there are fewer than of the diagonal.
    examples: number('formExamples') ?? number('examples'),
    populationSize: number('populationSize'),
    population: population === 'data' || population === 'distribution' ? population : null,
    likelihood: word('likelihood'),
    likelihoodOptions: settingsOf(manifest?.likelihoodOptions),
    estimator: word('estimator'),
    labels: number('labels') ?? 0,
    visitsHash: word('visits') === 'weighted' ? (word('visitsHash') ?? '') : null,
    dataHash: word('dataHash'),
    parametersHash: word('parametersHash'),
    seed: number('seed'),
    order: word('order'),
    layers: layersOf(manifest?.layerParameters),
  };
}

/** Numbers, and lists of numbers, by name. */
function settingsOf(said: unknown): LikelihoodOptions {
  if (typeof said !== 'object' || said === null) return {};
  const isNumbers = (x: unknown): x is number | number[] =>
    typeof x === 'number' || (Array.isArray(x) && x.every((v) => typeof v === 'number'));
  return Object.fromEntries(
    Object.entries(said).filter((pair): pair is [string, number | number[]] => isNumbers(pair[1])),
  );
}

function layersOf(said: unknown): readonly LayerOfParameters[] | null {
  if (!Array.isArray(said) || !said.every(isLayer)) return null;
  return said.length === 0 ? null : said;
}

function isLayer(x: unknown): x is LayerOfParameters {
  if (typeof x !== 'object' || x === null || !('name' in x) || !('parameters' in x)) return false;
  return (
    typeof x.name === 'string' &&
    Array.isArray(x.parameters) &&
    x.parameters.every((p) => typeof p === 'string')
  );
}

/**
 * 1 − n/N of an estimate without draws, or whose draws are told apart (theory (18.4)), where the data are all there is, else 1: weighted visits are
 * drawn with replacement.
 */
export function shareLeft(
  facts: Pick<FisherFacts, 'examples' | 'populationSize' | 'population' | 'labels'> &
    Partial<Pick<FisherFacts, 'visitsHash'>>,
  population = facts.population,
): number {
  const { examples, populationSize, labels } = facts;
  if (
    population !== 'data' ||
    labels > 0 ||
    (facts.visitsHash ?? null) !== null ||
    examples === null ||
    populationSize === null
  )
    return 1;
  return Math.max(0, 1 - examples / populationSize);
}

/**
 * Throws `matrix/population` where figures are asked for of another population than the groups of a file of weighted visits were made for:
 * groups of visits tell nothing of how inputs differ, groups of inputs nothing of a finite population.
 */
export function requirePopulation(
  { where, facts, fisher }: FisherOfFile,
  population: FisherFacts['population'] | undefined,
): void {
  const made = facts.population;
  if (facts.visitsHash === null || fisher.counts.length === 0) return;
  if (population === undefined || population === null || made === null || population === made) return;
  throw new FimError({
    code: 'matrix/population',
    kind: 'usage',
    where: setting('population', population),
    rule: 'is that of the sums by group of weighted visits',
    got: `${where}, made for ${setting('population', made)}`,
    next: `${setting('population', made)}, or estimate again with ${setting('population', population)}`,
  });
}

/** Whether groups are of all inputs, whichever were visited: those of weighted visits under a distribution. */
const ofInputs = ({ facts }: FisherOfFile): boolean =>
  facts.visitsHash !== null && facts.population === 'distribution';

/** Whether two files have the same visits in the same order. */
const sameVisits = (a: FisherOfFile, b: FisherOfFile): boolean =>
  a.facts.examples === b.facts.examples &&
  a.facts.order === b.facts.order &&
  a.facts.visitsHash === b.facts.visitsHash;

/** Whether groups of one file are those of another: of the same data, by inputs or visited in the same order. */
export const samePlaces = (a: FisherOfFile, b: FisherOfFile): boolean =>
  a.facts.dataHash !== null &&
  a.facts.dataHash === b.facts.dataHash &&
  a.facts.seed === b.facts.seed &&
  ((ofInputs(a) && ofInputs(b)) || sameVisits(a, b)) &&
  a.fisher.counts.length === b.fisher.counts.length &&
  a.fisher.counts.every((n, g) => n === b.fisher.counts[g]);

/** Whether no digest says that the two were taken at different θ. */
export const sameWeights = (a: FisherOfFile, b: FisherOfFile): boolean =>
  a.facts.parametersHash === null ||
  b.facts.parametersHash === null ||
  a.facts.parametersHash === b.facts.parametersHash;

/** λ where none is given: 1e-3 of the mean of the diagonal. */
export async function usualDamping({ whole }: Pick<GroupedFisher, 'whole'>): Promise<number> {
  const { value } = await whole.trace();
  return (1e-3 * Math.max(0, value)) / whole.size;
}

/** Throws `matrix/parameters` unless both are over the same parameters. */
export function requireSameParameters(a: FisherOfFile, b: FisherOfFile): void {
  const words = ({ fisher }: FisherOfFile): string[] =>
    fisher.whole.layout.map(({ name, shape }) => `${name} [${shape.join(', ')}]`);
  const [x, y] = [words(a), words(b)];
  const at = x.findIndex((word, i) => word !== y[i]);
  if (at < 0 && x.length === y.length) return;
  throw new FimError({
    code: 'matrix/parameters',
    kind: 'usage',
    where: `${a.where} and ${b.where}`,
    rule: 'are of the same parameters in the same order',
    got: at < 0 ? `${x.length} and ${y.length} parameters` : `${x[at]} and ${y[at] ?? 'nothing'}`,
  });
}
