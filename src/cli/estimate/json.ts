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
    entries: { ...e.entries, ...(note === null ? {} : { note }) },
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
    ...(e.largest ? { largest: e.largest } : {}),
    ...(e.sums ? { sums: sumsJson(e.sums) } : {}),
    parameterDoubts: e.parameterDoubts,
    offModeLabels: e.offModeLabels,
    seconds: c.seconds,
  };
}

/** Examples below which an interval is marked. */
export const FEW = 10;

/** Sums along rows and columns of dense weights, by tensor. */
function sumsJson(sums: NonNullable<DiagonalEstimate['sums']>): Record<string, unknown> {
  const plain = ({ value, standardError, labelError, dataError, interval }: Figure) => ({
    value,
    standardError,
    labelError,
    dataError,
    interval,
  });
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
  const why = unknownErrors(f, e);
  return why.length === 0 ? figures : { ...figures, reason: why.join('; ') };
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
  return why.length === 0 ? figures : { ...figures, reason: why.join('; ') };
}

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
