/**
 * @module studies/intervals/subjects
 *
 * A trained network with its population and the truth about it, opened once; files drawn from the population; and the estimators that
 * the study compares.
 */
import { makeDataset, type Network, tensor } from 'fim';
import { Sequence } from 'fim/core';
import type { Dataset } from 'fim/data';
import type { Engine } from 'fim/engine';
import type { DiagonalEstimate } from 'fim/fisher';
import { type EstimateRequest, runEstimate } from 'fim/jobs';
import type { Piece } from '../face/piece.js';
import { likelihood, NETWORKS, population, type StudyNetwork, train } from './networks.js';

/** What is estimated by. */
export const ARMS: readonly (readonly [name: string, request: EstimateRequest])[] = [
  ['exact', { estimator: 'exact' }],
  ['eigen signs', { estimator: 'rademacher', labels: 2, error: 'sampled' }],
  ['top pair + signs', { estimator: 'rademacher', labels: 2, exactPairs: 1, error: 'sampled' }],
  ['one label', { estimator: 'type1', labels: 1, error: 'sampled' }],
];

/** A network, its population, and the exact Fisher over all of it. */
export interface Subject {
  readonly name: string;
  readonly engine: Engine;
  readonly network: Network;
  readonly dataset: Dataset;
  /** Of the population as a sample: its errors are those of the spread over the inputs. */
  readonly whole: DiagonalEstimate;
  /** Its trace. */
  readonly truth: number;
}

/** Opens the networks of the study by name, each once. */
export function subjectsOf(engine: Engine): (of: StudyNetwork) => Promise<Subject> {
  const dataset = population();
  const opened = new Map<string, Promise<Subject>>();
  const open = async (of: StudyNetwork): Promise<Subject> => {
    const network = await train(engine, dataset, of);
    const whole = await runEstimate({ engine, network, likelihood, dataset }, { estimator: 'exact' });
    return { name: of.name, engine, network, dataset, whole, truth: whole.trace.value };
  };
  return (of) => {
    const own = opened.get(of.name) ?? open(of);
    opened.set(of.name, own);
    return own;
  };
}

/** A file of n examples, drawn from the population with replacement. */
export function redrawn(dataset: Dataset, seed: number, n: number): Dataset {
  const [[name, x]] = dataset.inputs;
  const size = x.shape[1];
  const sequence = new Sequence(seed, 'coverage study');
  const from = x.data as Float32Array;
  const data = new Float32Array(n * size);
  for (let i = 0; i < n; i++) {
    const row = sequence.integer(dataset.n);
    data.set(from.subarray(row * size, (row + 1) * size), i * size);
  }
  const inputs = new Map([[name, tensor('float32', [n, size], data)]]);
  return makeDataset({ source: `${dataset.source}, redrawn`, inputs });
}

/** Lets a signal be heard between two estimates. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A piece for each network of the study, its name behind their keys. */
export const perNetwork = <R>(pieces: (of: StudyNetwork) => readonly Piece<R>[]): Piece<R>[] =>
  NETWORKS.flatMap((of) =>
    pieces(of).map((piece): Piece<R> => ({ ...piece, key: `${piece.key} ${of.name}` })),
  );
