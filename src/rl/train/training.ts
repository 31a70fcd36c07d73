/**
 * @module rl/train/training
 *
 * The one training loop: collect a segment, let the algorithm update, keep the books. Algorithms differ, this does not. A training is
 * the function of its settings; `save` holds all of its state, and a loaded one goes on bit for bit.
 */
import { FimError } from '../../core/errors.js';
import type { FloatArray } from '../../core/tensor.js';
import { createSmallEngine } from '../../engine/small/index.js';
import type { Engine, Store } from '../../engine/types.js';
import { outputs } from '../../likelihood/index.js';
import type { Network } from '../../model/network.js';
import { createAlgorithm } from '../algorithms/create.js';
import type { Algorithm, AlgorithmContext, UpdateMetrics } from '../algorithms/types.js';
import { type ActorCritic, actorCritic } from '../policies/actor-critic.js';
import { divergenceOf } from '../policies/divergence.js';
import { Collector, type Segment } from '../rollout/collector.js';
import { makeVector } from '../vector/make.js';
import type { VectorEnvironment } from '../vector/types.js';
import { FisherProbe } from './fisher-probe.js';
import { policyNetwork } from './policy-network.js';
import { RecentReturns } from './returns.js';
import { checkSettings } from './setting-table.js';
import type { TrainSettings } from './settings.js';

/** What a training needs that does not change its result. */
export interface TrainingOptions {
  /** Threads that step the environments; the result does not depend on it. Default `auto`. */
  readonly workers?: number | 'auto';
  /** Modules of the user's that every thread imports first, for their environments. */
  readonly modules?: readonly (string | URL)[];
  /** Where updates are computed. Default: the small engine, whose store the rollouts share. */
  readonly engine?: Engine;
}

/** A training's whole state. */
export interface TrainingState {
  /** Updates done. */
  readonly updates: number;
  /** Parameters and the algorithm's state, by name. */
  readonly arrays: Readonly<Record<string, FloatArray>>;
  /** Environments, random streams, normalisers. */
  readonly collector: Uint8Array;
}

/** A training run in memory: environments, policy and algorithm, one update at a time; its whole state can be saved. */
export class Training {
  /** Returns of the last episodes. */
  readonly recent = new RecentReturns();
  /** Updates done. */
  updates = 0;
  private probe: FisherProbe | null = null;

  private constructor(
    /** Its settings. */
    readonly settings: TrainSettings,
    /** Policy and value. */
    readonly model: ActorCritic,
    /** The environments, stepped together. */
    readonly environments: VectorEnvironment,
    /** Plays the policy. */
    readonly collector: Collector,
    /** Makes the updates. */
    readonly algorithm: Algorithm,
    private readonly context: AlgorithmContext & { readonly build: string },
  ) {}

  /** Kernels that computed, for the manifest. */
  get build(): string {
    return this.context.build;
  }

  /**
   * Makes environments, networks and algorithm. Rejects with what `makeVector` and `createAlgorithm` throw, and for settings outside their
   * range.
   * @throws FimError with `engine/memory`, `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`,
   * `kernels/unknown`, `kernels/unsupported`, `likelihood/link`, `likelihood/not-finite`, `likelihood/option`, `likelihood/unknown`,
   * `linalg/no-convergence`, `linalg/not-finite`, `linalg/not-positive-definite`, `linalg/shape`, `matrix/damping`, `matrix/record`,
   * `model/activation`, `optim/conjugate-gradient`, `optim/damping`, `optim/decay`, `optim/factor-not-finite`, `optim/kfac`,
   * `optim/kl-direction`, `optim/kl-target`, `optim/score-not-finite`, `optim/state`, `random/index`, `random/seed`, `random/sequence`,
   * `rl/action-finite`, `rl/action-range`, `rl/action-shape`, `rl/closed`, `rl/dynamics`, `rl/ended`, `rl/environment-module`,
   * `rl/environment-number`, `rl/environment-returns`, `rl/environment-threw`, `rl/new`, `rl/not-reset`, `rl/option`, `rl/policy`,
   * `rl/registered`, `rl/saved`, `rl/setting`, `rl/shared-value`, `rl/space`, `rl/state`, `rl/unknown`, `rl/vector`, `tensor/size`
   */
  static async create(settings: TrainSettings, options: TrainingOptions = {}): Promise<Training> {
    const { seed, environments: n, horizon, discount, lambda, hidden, activation } = settings;
    checkSettings(settings);
    const environments = await makeVector(settings.environment, {
      n,
      workers: options.workers ?? 'auto',
      modules: options.modules ?? [],
      ...(settings.environmentOptions === undefined ? {} : { options: settings.environmentOptions }),
    });
    try {
      const { observationSpace, actionSpace } = environments;
      const {
        value,
        initialLogSigma,
        normaliseObservations,
        normaliseRewards,
        actions = 'clipped',
      } = settings;
      const model = actorCritic({
        observationSpace,
        actionSpace,
        hidden,
        activation,
        value,
        initialLogSigma,
        seed,
      });
      const small = createSmallEngine();
      const engine = options.engine ?? small;
      const actorStore = small.store();
      const store = engine === small ? actorStore : engine.store();
      const collector = new Collector({
        environments,
        model,
        steps: horizon,
        discount,
        lambda,
        seed,
        normaliseObservations,
        normaliseRewards,
        actions,
        engine: small,
        store: actorStore,
      });
      const context = { model, engine, store, rows: n * horizon, seed };
      const algorithm = await createAlgorithm(settings.algorithm, context, settings.options);
      const build = engine === small ? small.build : `${small.build}, ${engine.build}`;
      return new Training(settings, model, environments, collector, algorithm, { ...context, build });
    } catch (error) {
      environments.close();
      throw error;
    }
  }

  /** Parameters and optimiser state of the learner. */
  get store(): Store {
    return this.context.store;
  }

  /** Steps of one update. */
  get segmentSteps(): number {
    return this.settings.environments * this.settings.horizon;
  }

  /** Updates of the whole run. */
  get totalUpdates(): number {
    return Math.ceil(this.settings.steps / this.segmentSteps);
  }

  /** Environment steps taken. */
  get steps(): number {
    return this.updates * this.segmentSteps;
  }

  /** Whether all steps are done. */
  get done(): boolean {
    return this.updates >= this.totalUpdates;
  }

  /**
   * One segment and its update. With `measure` its metrics have `kl`, the mean of KL(π_before ‖ π_after) over the segment's states,
   * exactly, and `step_norm`, the length of the policy's step. Throws `rl/diverged` where numbers stop being finite.
   * @throws FimError with `engine/batch`, `engine/connect`, `engine/memory`, `engine/name`, `engine/operator`, `engine/slot`,
   * `engine/store`, `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `likelihood/not-finite`,
   * `optim/conjugate-gradient`, `random/seed`, `random/sequence`, `rl/policy`, `tensor/size`
   */
  async update(measure = false): Promise<UpdateMetrics> {
    const { algorithm, recent, updates } = this;
    try {
      const segment = await this.next();
      for (const episode of segment.episodes) recent.add(episode);
      const moment = { update: updates, progress: updates / this.totalUpdates };
      const { trackFisher = 0 } = this.settings;
      const probe = trackFisher > 0 && updates % trackFisher === 0 ? await this.fisherProbe() : null;
      const seen = probe ? await probe.look(segment, algorithm, moment) : {};
      const before = measure ? this.policyParameters() : null;
      const metrics = { ...(await algorithm.update(segment, moment)), ...seen, ...probe?.after() };
      this.share();
      this.updates++;
      if (before === null) return metrics;
      const kl = this.divergence(segment);
      if (!Number.isFinite(kl))
        throw this.diverged(`KL ${kl} between the policies before and after the update`);
      return { step_norm: distance(before, this.policyParameters()), ...metrics, kl };
    } catch (error) {
      if (error instanceof FimError && error.code === 'likelihood/not-finite')
        throw this.diverged(error.complaint.got);
      throw error;
    }
  }

  /** The next segment, with the learner's own values where it has them. */
  private async next(): Promise<Segment> {
    const { collector, algorithm, model } = this;
    if (!algorithm.values || !model.value) return collector.collect();
    return collector.collectWith((segment) => algorithm.values!(segment));
  }

  private async fisherProbe(): Promise<FisherProbe> {
    this.probe ??= await FisherProbe.compile(this.context);
    return this.probe;
  }

  /**
   * The next segment under the present policy without an update, for looking at.
   * @throws FimError with `engine/batch`, `engine/connect`, `engine/memory`, `engine/name`, `engine/operator`, `engine/slot`,
   * `engine/store`, `likelihood/not-finite`, `random/seed`, `rl/policy`
   */
  collect(): Segment {
    return this.collector.collect();
  }

  /** Mean KL between the policy that drew the segment and the present one, over its states. */
  private divergence(segment: Segment): number {
    const { actor } = this.collector;
    const { n, T, h, features } = segment;
    const { kl } = divergenceOf(this.model.likelihood);
    const next = actor.features.slice();
    const size = next.length / n;
    const each = new Float64Array(n);
    let sum = 0;
    for (let t = 0; t < T; t++) {
      actor.features.set(features.subarray(t * n * size, (t + 1) * n * size));
      actor.run(n, 'policy');
      const before = h.subarray(t * n * actor.T, (t + 1) * n * actor.T);
      kl(outputs(before, n, actor.T), outputs(actor.h, n, actor.T), each);
      for (let i = 0; i < n; i++) sum += each[i];
    }
    actor.features.set(next);
    return sum / (n * T);
  }

  /** Gives the rollouts the learner's parameters where the two have stores of their own. */
  private share(): void {
    if (this.store === this.collector.store) return;
    for (const name of this.parameterNames()) {
      (this.collector.store.view(name) as FloatArray).set(this.store.view(name) as FloatArray);
    }
  }

  /** θ of the policy, copied. */
  private policyParameters(): FloatArray[] {
    return [...this.model.policy.parameters.keys()].map(
      (name) => this.store.view(name).slice() as FloatArray,
    );
  }

  private parameterNames(): string[] {
    const { policy, value } = this.model;
    return [...new Set([...policy.parameters.keys(), ...(value?.parameters.keys() ?? [])])];
  }

  /** Throws `rl/diverged` where a parameter is not finite: before a state is kept. */
  requireFinite(): void {
    for (const name of this.parameterNames()) {
      const bad = (this.store.view(name) as FloatArray).find((v) => !Number.isFinite(v));
      if (bad !== undefined) throw this.diverged(`${bad} in parameter ${name}`);
    }
  }

  private diverged(got: string | undefined): FimError {
    const { environment, algorithm, seed } = this.settings;
    return new FimError({
      code: 'rl/diverged',
      where: `${algorithm} on ${environment}, seed ${seed}, after ${this.steps} steps`,
      rule: 'parameters and outputs of the networks stay finite',
      got: got ?? 'a number that is not',
      cause:
        'steps that are too long for this problem: a learning rate or KL target too high, a damping too low',
      next: 'halve the learning rate or the KL target; the last good state is kept',
    });
  }

  /**
   * The present policy as a network of its own, reading raw observations.
   * @throws FimError with `graph/shape`, `tensor/size`
   */
  policy(): Network {
    const { actions } = this.settings;
    return policyNetwork(this.model, this.store, this.collector.observationNormaliser, actions);
  }

  /** The whole state, to go on from. */
  save(): TrainingState {
    const arrays: Record<string, FloatArray> = {};
    for (const name of this.store.names())
      arrays[`store/${name}`] = this.store.view(name).slice() as FloatArray;
    for (const [name, a] of Object.entries(this.algorithm.save())) arrays[`algorithm/${name}`] = a;
    for (const [name, a] of Object.entries(this.recent.save())) arrays[`recent/${name}`] = a;
    return { updates: this.updates, arrays, collector: this.collector.save() };
  }

  /**
   * Goes on from what `save` gave.
   * @throws FimError with `rl/saved`
   */
  load(state: TrainingState): void {
    const under = (prefix: string): Record<string, FloatArray> =>
      Object.fromEntries(
        Object.entries(state.arrays)
          .filter(([k]) => k.startsWith(`${prefix}/`))
          .map(([k, v]) => [k.slice(prefix.length + 1), v]),
      );
    for (const [name, values] of Object.entries(under('store')))
      (this.store.view(name) as FloatArray).set(values);
    this.algorithm.load(under('algorithm') as Record<string, Float64Array>);
    this.recent.load(under('recent') as Record<string, Float64Array>);
    this.collector.load(state.collector);
    this.updates = state.updates;
    this.share();
  }

  /** Closes environments and frees the compiled programs. */
  close(): void {
    this.probe?.dispose();
    this.algorithm.dispose();
    this.collector.actor.dispose();
    this.environments.close();
  }
}

function distance(a: readonly FloatArray[], b: readonly FloatArray[]): number {
  let sum = 0;
  a.forEach((part, k) => {
    for (let i = 0; i < part.length; i++) sum += (part[i] - b[k][i]) ** 2;
  });
  return Math.sqrt(sum);
}
