/**
 * @module cli/estimate/json
 *
 * The one JSON object of `fim estimate --json`. Scripts depend on its fields.
 */
import type { LikelihoodOptions } from '../../likelihood/types.js';
import { type DiagonalEstimate, entriesNote, type Figure, type NamedFigure } from '../../fisher/index.js';

export interface EstimateContext {
  readonly engine: string;
  readonly build: string;
  readonly output: { readonly name: string; readonly removed: readonly string[] };
  readonly likelihoodOptions: LikelihoodOptions;
  readonly seconds: number;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

export function estimateJson(e: DiagonalEstimate, c: EstimateContext): Record<string, unknown> {
  const note = entriesNote(e.entries);
  return {
    form: e.form,
    scale: e.scale,
    entries: { ...e.entries, ...(note === null ? {} : { note }), ...reasonJson(entriesUnknown(e)) },
    examples: e.examples,
    visits: e.visits,
    distinctExamples: e.distinctExamples,
    ...(e.visitsHash ? { visitsHash: e.visitsHash } : {}),
    effectiveExamples: e.effectiveExamples,
    populationSize: e.populationSize,
    outputs: e.outputs,
    parameters: e.parameters,
    likelihood: e.likelihood,
    likelihoodOptions: c.likelihoodOptions,
    estimator: e.estimator,
    labels: e.labels,
    root: e.root,
    exactPairs: e.exactPairs,
    ...(e.lowerBound === null ? {} : { lowerBound: e.lowerBound }),
    seed: e.seed,
    dtype: e.dtype,
    engine: c.engine,
    build: c.build,
    error: e.error,
    population: e.population,
    level: e.level,
    output: c.output,
    warnings: [...c.warnings, ...e.warnings],
    notes: [...c.notes, ...e.notes],
    interrupted: e.interrupted,
    trace: figureJson(e.trace, e),
    layers: e.layers.map(({ name, parameters, trace, estimator }) => ({
      name,
      parameters,
      ...(estimator === undefined ? {} : { estimator }),
      trace: figureJson(trace, e),
    })),
    tensors: e.tensors.map(({ name, shape, trace }) => ({ name, shape, trace: figureJson(trace, e) })),
    ...(e.functionals ? { functionals: e.functionals.map((f) => namedJson(f, e)) } : {}),
    ...(e.quadratics ? { quadratics: e.quadratics.map((f) => namedJson(f, e)) } : {}),
    ...(e.largest ? { largest: e.largest.map((entry) => ({ ...entry, ...unknownInterval(entry, e) })) } : {}),
    ...(e.sums ? { sums: sumsJson(e.sums, e) } : {}),
    parameterDoubts: e.parameterDoubts,
    offModeLabels: e.offModeLabels,
    ...reasonJson(
      e.offModeLabels === null ? ['offModeLabels: no labels with a likeliest one are drawn'] : [],
    ),
    seconds: c.seconds,
  };
}

/** Examples below which an interval is marked. */
export const FEW = 10;

/** Sums along rows and columns of dense weights, by tensor. */
function sumsJson(sums: NonNullable<DiagonalEstimate['sums']>, e: DiagonalEstimate): Record<string, unknown> {
  const plain = (f: Figure) => {
    const { value, standardError, labelError, dataError, interval } = f;
    return { value, standardError, labelError, dataError, interval, ...reasonJson(unknownErrors(f, e)) };
  };
  return Object.fromEntries(
    Object.entries(sums).map(([name, { outputs, inputs }]) => [
      name,
      { outputs: outputs.map(plain), inputs: inputs.map(plain) },
    ]),
  );
}

/** A number that was asked for by weights of the entries. */
function namedJson(f: NamedFigure, e: DiagonalEstimate): Record<string, unknown> {
  const { name, value, standardError, labelError, dataError, interval } = f;
  const figures = { name, value, standardError, labelError, dataError, interval };
  return { ...figures, ...reasonJson(unknownErrors(f, e)) };
}

/** Where a number is null, `reason` says why. */
function figureJson(f: Figure, e: DiagonalEstimate): Record<string, unknown> {
  const { value, standardError, labelError, dataError, interval, skewness, expectedCoverage } = f;
  const few = e.examples < FEW;
  const figures = { value, standardError, labelError, dataError, interval, few, expectedCoverage, skewness };
  const why = [
    ...unknownErrors(f, e),
    ...(expectedCoverage === null
      ? ['no stand-in for the population tells the coverage of this interval']
      : []),
    ...(skewness === null ? ['the skewness of this estimator is not known here'] : []),
  ];
  return { ...figures, ...reasonJson(why) };
}

const reasonJson = (why: readonly string[]): { reason?: string } =>
  why.length === 0 ? {} : { reason: why.join('; ') };

/** Why nothing is expected of the intervals of entries. */
function entriesUnknown({ entries, estimator, trace }: DiagonalEstimate): string[] {
  if (entries.expectedCoverage !== null) return [];
  if (estimator === 'type2' || estimator === 'mix' || estimator === 'empirical')
    return ['the coverage of single entries was not measured for this estimator'];
  return [trace.value === 0 ? 'the trace is 0' : 'one example does not tell how much examples differ'];
}

/** Why an entry among the largest has no interval. */
const unknownInterval = (
  entry: Pick<Figure, 'standardError' | 'interval'>,
  { examples }: DiagonalEstimate,
): { reason?: string } =>
  reasonJson(
    entry.standardError !== null && entry.interval !== null
      ? []
      : [examples < 2 ? 'one example tells no error' : 'one draw for each example tells no error'],
  );

/** Why an error or the interval of a figure is null. */
function unknownErrors(f: Figure, e: DiagonalEstimate): string[] {
  const { standardError, labelError, dataError, interval } = f;
  return [
    ...(standardError === null
      ? [e.examples < 2 ? 'one example tells no error' : 'one draw for each example tells no error']
      : labelError === null || dataError === null
        ? [
            e.examples < 2
              ? 'one example does not tell the error from the choice of inputs'
              : 'one draw for each example does not tell label and data errors apart',
          ]
        : []),
    ...(standardError !== null && interval === null
      ? ['the proxy of the examples does not vary over those that were visited, and does over the others']
      : []),
  ];
}
