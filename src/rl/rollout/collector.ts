/**
 * @module rl/rollout/collector
 *
 * Fixed-length segments of experience from n environments under the current policy: T steps each, episodes running on across
 * segments, the value of the final observation kept wherever an episode was truncated. Continuous actions are clipped to the Box, or
 * mapped onto it, for the environment only; what is kept, and scored, is what was drawn.
 *
 * Without a value network advantages are returns to go within the segment, Σ_k γᵏ r_{t+k} up to the end of the episode or of the segment:
 * what follows is nobody's guess, so each is the gradient's weight for the return up to the segment's end, exactly.
 *
 * Its whole state (environments, random streams, normalisers, episode sums) saves to bytes and goes on exactly.
 */
import { invariant } from '../../core/errors.js';
import type { FloatArray } from '../../core/tensor.js';
import { createSmallEngine, type SmallEngine } from '../../engine/small/index.js';
import type { Store } from '../../engine/types.js';
import { type Labels, outputs } from '../../likelihood/index.js';
import { type ActionMap, actionMap, applyMap } from '../policies/action-map.js';
import type { ActorCritic } from '../policies/actor-critic.js';
import { featureLength, features } from '../policies/features.js';
import { joinBytes, packSaved, splitBytes, unpackSaved } from '../saved.js';
import { clipToBox, lengthOf, startOf } from '../spaces.js';
import type { VectorEnvironment } from '../vector/types.js';
import { Actor, type Heads } from './actor.js';
import { generalisedAdvantages } from './advantages.js';
import { type Episode, EpisodeBook } from './episodes.js';
import { ObservationNormaliser, RewardNormaliser } from './normalise.js';

/** What is collected, where and with which policy. */
export interface CollectorOptions {
  /** The environments, stepped together. */
  environments: VectorEnvironment;
  /** Policy and value. */
  model: ActorCritic;
  /** Steps of each environment in a segment. */
  steps: number;
  /** γ and λ of the advantages. Defaults 0.99, 0.95. */
  discount?: number;
  /** λ. */
  lambda?: number;
  /** Seed of resets and actions; default 0. */
  seed?: number;
  /** Whether observations are shifted and scaled by their running moments; default false. */
  normaliseObservations?: boolean;
  /** Whether rewards are divided by the running deviation of returns; default false. */
  normaliseRewards?: boolean;
  /** Actions of a Box: `clipped` to it (default), or −1 … 1 `mapped` onto it first. */
  actions?: 'clipped' | 'mapped';
  /** Where the parameters live; a fresh small engine's by default. */
  engine?: SmallEngine;
  /** Store of the parameters, of that engine. */
  store?: Store;
}

/** T steps of n environments, time first; row t·n + i. Overwritten by the next `collect`. */
export interface Segment {
  /** Steps of each environment. */
  readonly T: number;
  /** Environments. */
  readonly n: number;
  /** What the networks saw [T·n, features], normalised. */
  readonly features: FloatArray;
  /** As drawn [T·n, width]. */
  readonly actions: Labels;
  /** ln p of the actions as drawn [T·n]. */
  readonly logProbabilities: Float64Array;
  /** Network outputs the actions were drawn from [T·n, outputs]. */
  readonly h: FloatArray;
  /** Values of the observations [T·n]. */
  readonly values: Float64Array;
  /** Rewards, normalised where that was asked for [T·n]. */
  readonly rewards: Float64Array;
  /** 1 where the episode ended by itself [T·n]. */
  readonly terminated: Uint8Array;
  /** 1 where the episode was cut [T·n]. */
  readonly truncated: Uint8Array;
  /** Value of the final observation where an episode was cut, else 0 [T·n]. */
  readonly finalValues: Float64Array;
  /** Values of the observations after the segment [n]. */
  readonly lastValues: Float64Array;
  /** Generalised advantages [T·n]. */
  readonly advantages: Float64Array;
  /** Advantages plus values, what a value is fitted to [T·n]. */
  readonly returns: Float64Array;
  /** Episodes that ended in this segment, in raw rewards. */
  readonly episodes: readonly Episode[];
}

/** Plays a policy in n environments and gives segments of T steps with advantages; its whole state can be saved. */
export class Collector {
  /** Runs policy and value. */
  readonly actor: Actor;
  /** Running moments of observations; null where they are taken as they are. */
  readonly observationNormaliser: ObservationNormaliser | null;
  /** Running deviation of returns; null where rewards are taken as they are. */
  readonly rewardNormaliser: RewardNormaliser | null;
  private readonly book: EpisodeBook;
  private readonly segment: Segment;
  private readonly ended: Episode[] = [];
  private readonly stepActions: Labels;
  private readonly clipped: Float64Array;
  private readonly map: ActionMap | null;
  private readonly logProbabilities: Float64Array;
  /** Whether `logProbabilities` are those of the present segment. */
  private known = false;
  private readonly width: number;
  private readonly seen: Float64Array;
  /** Steps taken since the start, of each environment: they name the draws of actions. */
  private step = 0;

  /**
   * Starts all environments.
   * @throws FimError with `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`
   */
  constructor(private readonly options: CollectorOptions) {
    const { environments: env, model, steps: T, seed = 0, discount = 0.99 } = options;
    const engine = options.engine ?? createSmallEngine();
    const { n } = env;
    this.actor = new Actor(model, engine, options.store ?? engine.store(), n);
    const size = featureLength(env.observationSpace);
    const { T: outputs } = this.actor;
    this.width = model.likelihood.labelWidth(outputs);
    invariant(this.width === lengthOf(env.actionSpace), 'Collector', 'policy and environments act alike');
    this.observationNormaliser = options.normaliseObservations ? new ObservationNormaliser(size) : null;
    this.rewardNormaliser = options.normaliseRewards ? new RewardNormaliser(n, discount) : null;
    this.book = new EpisodeBook(n);
    this.stepActions = this.actor.makeActions();
    this.clipped = new Float64Array(n * this.width);
    const { actionSpace } = env;
    this.map = options.actions === 'mapped' && actionSpace.kind === 'box' ? actionMap(actionSpace) : null;
    this.logProbabilities = new Float64Array(T * n);
    const known = (): Float64Array => this.logProbabilitiesOf();
    this.seen = new Float64Array(n * size);
    const single = this.actor.features instanceof Float32Array;
    const floats = (length: number): FloatArray =>
      single ? new Float32Array(length) : new Float64Array(length);
    const rows = T * n;
    this.segment = {
      T,
      n,
      features: floats(rows * size),
      actions: { data: new Float64Array(rows * this.width), count: 1, width: this.width },
      get logProbabilities() {
        return known();
      },
      h: floats(rows * outputs),
      values: new Float64Array(rows),
      rewards: new Float64Array(rows),
      terminated: new Uint8Array(rows),
      truncated: new Uint8Array(rows),
      finalValues: new Float64Array(rows),
      lastValues: new Float64Array(n),
      advantages: new Float64Array(rows),
      returns: new Float64Array(rows),
      episodes: this.ended,
    };
    env.reset({ seed });
    this.look(env.observations, n, true);
  }

  /** Parameters, as the actor reads them. */
  get store(): Store {
    return this.actor.store;
  }

  /**
   * The next T steps, with their advantages. The segment is valid until the next call.
   * @throws FimError with `engine/batch`, `engine/connect`, `engine/memory`, `engine/name`, `engine/operator`, `engine/slot`,
   * `engine/store`, `likelihood/not-finite`, `random/seed`, `rl/policy`
   */
  collect(): Segment {
    this.walk(this.options.model.value ? 'both' : 'policy');
    return this.finish();
  }

  /**
   * As `collect`, but without values of the states that were visited, which `values` computes for the whole segment at once: for a
   * learner whose own forward pass gives them.
   * @throws FimError with `engine/batch`, `engine/connect`, `engine/memory`, `engine/name`, `engine/operator`, `engine/slot`,
   * `engine/store`, `likelihood/not-finite`, `random/seed`, `rl/policy`
   */
  async collectWith(values: (segment: Segment) => Promise<ArrayLike<number>>): Promise<Segment> {
    this.walk('policy');
    this.segment.values.set(await values(this.segment));
    return this.finish();
  }

  private walk(heads: Heads): void {
    this.ended.length = 0;
    this.known = false;
    const { T, n } = this.segment;
    for (let t = 0; t < T; t++) this.one(t * n, heads);
  }

  /** Of the actions drawn, for those who ask. */
  private logProbabilitiesOf(): Float64Array {
    const { segment, actor, logProbabilities } = this;
    if (!this.known) {
      const h = outputs(segment.h, segment.T * segment.n, actor.T);
      this.options.model.likelihood.logProbability(h, segment.actions, logProbabilities);
      this.known = true;
    }
    return logProbabilities;
  }

  private finish(): Segment {
    const { segment, actor } = this;
    const { environments: env, discount = 0.99, lambda = 0.95, model } = this.options;
    if (model.value) {
      actor.run(env.n, 'value');
      segment.lastValues.set(actor.values);
    }
    const weight = model.value ? lambda : 1;
    generalisedAdvantages(segment, discount, weight, segment.advantages, segment.returns);
    return segment;
  }

  /** One step of all; `at` is its first row. */
  private one(at: number, heads: Heads): void {
    const { segment, actor, width, stepActions } = this;
    const { environments: env, model, seed = 0 } = this.options;
    const { n } = env;
    actor.run(n, heads);
    segment.features.set(actor.features, (at * actor.features.length) / n);
    segment.h.set(actor.h, at * actor.T);
    if (heads === 'both') segment.values.set(actor.values, at);
    actor.act(seed, this.step, stepActions);
    segment.actions.data.set(stepActions.data, at * width);
    if (env.actionSpace.kind === 'box') {
      if (this.map) applyMap(this.map, stepActions.data, this.clipped);
      clipToBox(env.actionSpace, this.map ? this.clipped : stepActions.data, this.clipped, n);
    } else for (let i = 0; i < n; i++) this.clipped[i] = stepActions.data[i] + startOf(env.actionSpace);
    env.step(this.clipped);
    this.step++;
    const { rewards, terminated, truncated } = env;
    segment.terminated.set(terminated, at);
    segment.truncated.set(truncated, at);
    if (this.rewardNormaliser) {
      this.rewardNormaliser.apply(
        rewards,
        (i) => terminated[i] + truncated[i] > 0,
        true,
        segment.rewards,
        at,
      );
    } else segment.rewards.set(rewards, at);
    this.book.step(rewards, terminated, truncated, this.ended);
    if (model.value) this.bootstrap(at);
    this.look(env.observations, n, true);
  }

  /** Values of the final observations of the rows that were cut, by what the normaliser knows now. */
  private bootstrap(at: number): void {
    const { environments: env } = this.options;
    this.segment.finalValues.fill(0, at, at + env.n);
    let rows = 0;
    const size = lengthOf(env.observationSpace);
    for (let i = 0; i < env.n; i++) {
      if (!env.truncated[i] || env.terminated[i]) continue;
      const final = env.finalObservations.subarray(i * size, (i + 1) * size);
      this.look(final, 1, false, rows++);
    }
    if (rows === 0) return;
    this.actor.run(rows, 'value');
    const values = this.actor.values;
    for (let i = 0, row = 0; i < env.n; i++) {
      if (env.truncated[i] && !env.terminated[i]) this.segment.finalValues[at + i] = values[row++];
    }
  }

  /** Observations into the actor's features from row `row` on, learnt from where `training`. */
  private look(observations: FloatArray, rows: number, training: boolean, row = 0): void {
    const { actor, seen, observationNormaliser } = this;
    const { observationSpace } = this.options.environments;
    const size = featureLength(observationSpace);
    features(observationSpace, observations, rows, seen);
    const out = actor.features.subarray(row * size, (row + rows) * size);
    if (observationNormaliser) {
      if (training) observationNormaliser.learn(seen, rows);
      observationNormaliser.apply(seen, rows, out);
    } else for (let i = 0; i < rows * size; i++) out[i] = seen[i];
  }

  /** Everything but the parameters. */
  save(): Uint8Array {
    const prefixed = (prefix: string, arrays: Readonly<Record<string, Float64Array>> = {}) =>
      Object.fromEntries(Object.entries(arrays).map(([k, v]) => [`${prefix}/${k}`, v]));
    const own = packSaved({
      kind: 'collector',
      header: { step: this.step },
      arrays: {
        features: Float64Array.from(this.actor.features),
        ...prefixed('episodes', this.book.save()),
        ...prefixed('observations', this.observationNormaliser?.save()),
        ...prefixed('rewards', this.rewardNormaliser?.save()),
      },
    });
    return joinBytes([own, this.options.environments.save()]);
  }

  /** Goes on exactly where `save` stood. Throws `rl/saved`. */
  load(bytes: Uint8Array): void {
    const [own, environments] = splitBytes(bytes, 'Collector.load(bytes)');
    const { header, arrays } = unpackSaved(own, 'collector', 'Collector.load(bytes)');
    const under = (prefix: string) =>
      Object.fromEntries(
        Object.entries(arrays)
          .filter(([k]) => k.startsWith(`${prefix}/`))
          .map(([k, v]) => [k.slice(prefix.length + 1), v]),
      );
    this.options.environments.load(environments);
    this.step = header.step as number;
    this.actor.features.set(arrays.features);
    this.book.load(under('episodes'));
    this.observationNormaliser?.load(under('observations'));
    this.rewardNormaliser?.load(under('rewards'));
  }
}
