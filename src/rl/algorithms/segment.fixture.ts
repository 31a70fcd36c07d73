/**
 * @module rl/algorithms/segment.fixture
 *
 * A tiny float64 actor-critic with a segment made by hand, and everything that an algorithm does to it made again by other means.
 */
import { Sequence, UniformStream } from '../../core/random.js';
import type { FloatArray } from '../../core/tensor.js';
import { createSmallEngine } from '../../engine/small/index.js';
import { makeLabels, type Outputs, outputs } from '../../likelihood/index.js';
import { Linearisation } from '../../matrix/linearisation.js';
import { type ActorCritic, actorCritic, type ActorCriticOptions } from '../policies/actor-critic.js';
import type { Segment } from '../rollout/collector.js';
import { box, discrete } from '../spaces.js';
import type { AlgorithmContext, Moment } from './types.js';

export const FIRST: Moment = { update: 0, progress: 0 };

export interface Bench {
  readonly context: AlgorithmContext;
  readonly model: ActorCritic;
  readonly segment: Segment;
  /** Of the policy; its own programs on the same store. */
  readonly linear: Linearisation;
  /** h of the policy at the present parameters. */
  policyOutputs(): Promise<Outputs>;
  /** V of the value network at the present parameters. */
  values(): Promise<Float64Array>;
  /** s_n [rows][P] at the present parameters. */
  scores(): Promise<Float64Array[]>;
  /** All parameters of both networks, one after the other. */
  parameters(): Float64Array;
  setParameters(values: Float64Array): void;
}

const ACTIONS = { discrete: discrete(3), box: box([-1, -2], [1, 2]) } as const;

/** Two environments of `T` steps; the second ends an episode in the middle. */
export async function bench(
  kind: keyof typeof ACTIONS,
  { T = 6, seed = 1, ...changes }: { T?: number; seed?: number } & Partial<ActorCriticOptions> = {},
): Promise<Bench> {
  const model = actorCritic({
    observationSpace: box([-9, -9, -9], [9, 9, 9]),
    actionSpace: ACTIONS[kind],
    hidden: [4],
    dtype: 'float64',
    initialLogSigma: -0.3,
    seed,
    ...changes,
  });
  const engine = createSmallEngine();
  const store = engine.store();
  const n = 2;
  const rows = T * n;
  const random = new Sequence(seed, 'bench');
  const normals = (length: number, scale = 1): Float64Array =>
    Float64Array.from({ length }, () => scale * random.normal());
  const linear = await Linearisation.compile(engine, model.policy, store, rows);
  const critic = model.value && (await Linearisation.compile(engine, model.value, store, rows));
  // Away from the start, where the last layer is almost zero.
  linear.move(normals(linear.P, 0.4));
  const inputs = new Map([['x', normals(rows * 3)]]);
  const { likelihood } = model;
  const policyOutputs = async (): Promise<Outputs> =>
    outputs((await linear.forward(inputs, rows)).slice(), rows, linear.T);
  const values = async (): Promise<Float64Array> =>
    critic ? Float64Array.from(await critic.forward(inputs, rows)) : new Float64Array(rows);
  const h = await policyOutputs();
  const actions = makeLabels(likelihood, rows, linear.T, 1);
  const examples = Array.from({ length: rows }, (_, i) => i);
  const stream = new UniformStream(seed, 'bench/actions');
  likelihood.sample(h, { stream, examples, occurrences: null, from: 0, count: 1 }, actions);
  const logProbabilities = new Float64Array(rows);
  likelihood.logProbability(h, actions, logProbabilities);
  const terminated = new Uint8Array(rows);
  terminated[2 * n + 1] = 1;
  const segment: Segment = {
    T,
    n,
    features: inputs.get('x') as FloatArray,
    actions,
    logProbabilities,
    h: h.data,
    values: await values(),
    rewards: normals(rows),
    terminated,
    truncated: new Uint8Array(rows),
    finalValues: new Float64Array(rows),
    lastValues: new Float64Array(n),
    advantages: normals(rows),
    returns: normals(rows),
    episodes: [],
  };
  const names = [...new Set([...model.policy.parameters.keys(), ...(model.value?.parameters.keys() ?? [])])];
  const views = (): FloatArray[] => names.map((name) => store.view(name) as FloatArray);
  return {
    context: { model, engine, store, rows, seed },
    model,
    segment,
    linear,
    policyOutputs,
    values,
    async scores() {
      const now = await policyOutputs();
      const residuals = new Float64Array(rows * linear.T);
      likelihood.residual(now, actions, residuals);
      const found: Float64Array[] = [];
      for (let e = 0; e < rows; e++) {
        const u = residuals.map((v, i) => (Math.floor(i / linear.T) === e ? v : 0));
        found.push(await linear.transposed(u, rows));
      }
      return found;
    },
    parameters: () => Float64Array.from(views().flatMap((v) => [...v])),
    setParameters(all) {
      let at = 0;
      for (const view of views()) {
        view.set(all.subarray(at, at + view.length));
        at += view.length;
      }
    },
  };
}

/** Σ_n w_n s_n. */
export function weighted(scores: readonly Float64Array[], weights: ArrayLike<number>): Float64Array {
  return scores[0].map((_, p) => scores.reduce((sum, s, e) => sum + weights[e] * s[p], 0));
}
