/**
 * @module studies/shipped/estimated
 *
 * The trace of a listed network's Fisher at random inputs, by one label an example: what `fim estimate` says of the file, with its error.
 */
import { estimate, makeDataset, openNetwork, parameterCount } from 'fim';
import { randomInputs } from './forward.js';
import type { Settings } from './settings.js';

/** Examples that are visited. */
export const VISITED = 4;

/** What came out. */
export interface Estimated {
  readonly likelihood: string;
  readonly parameters: number;
  readonly trace: number;
  readonly standardError: number | null;
  readonly seconds: number;
}

/** Throws what `openNetwork` and `estimate` throw. */
export async function estimateShipped(
  path: string,
  settings: Settings & Required<Pick<Settings, 'likelihood'>>,
  now: () => number,
): Promise<Estimated> {
  const { inputShape, constant, output, outputIs, likelihood: name } = settings;
  const began = now();
  const { network, likelihood } = await openNetwork(path, {
    ...(inputShape && { inputShape }),
    ...(constant && { constant }),
    ...(output && { output }),
    ...(outputIs && { outputIs }),
    likelihood: name,
    ...(name === 'gaussian' && { likelihoodOptions: { variance: 1 } }),
  });
  const dataset = makeDataset({ source: 'random inputs', inputs: randomInputs(network, VISITED) });
  const { trace } = await estimate(network, likelihood, dataset, {
    estimator: 'type1',
    batch: 1,
    ...(outputIs && { outputIs }),
  });
  return {
    likelihood: name,
    parameters: parameterCount(network),
    trace: trace.value,
    standardError: trace.standardError,
    seconds: now() - began,
  };
}
