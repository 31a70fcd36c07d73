/**
 * @module rl/rollout/actor
 *
 * A policy (with its value) compiled for stepping: programs of the small engine give h, V or both of n rows, without a promise or an
 * allocation; its parameters are slots of the store, so the learner's next step is the actor's next policy. Actions are drawn by key
 * (seed, environment, step), so they do not depend on batches or workers.
 */
import { FimError } from '../../core/errors.js';
import type { FloatArray } from '../../core/tensor.js';
import type { SmallEngine } from '../../engine/small/index.js';
import type { Store, SyncProgram } from '../../engine/types.js';
import { graph } from '../../graph/index.js';
import { draws, type Labels, makeLabels, outputs } from '../../likelihood/index.js';
import type { ActorCritic } from '../policies/actor-critic.js';
import { featureLength } from '../policies/features.js';

/** What a run computes. */
export type Heads = 'both' | 'policy' | 'value';

/** A policy, and its value, run over n rows at a time: distributions of actions, draws and values. */
export class Actor {
  /** Features of the rows [n, features], to be filled before `run` (memory of the program). */
  readonly features: FloatArray;
  /** Outputs per row. */
  readonly T: number;
  private readonly programs = new Map<Heads, SyncProgram>();
  private last: SyncProgram | null = null;
  private readonly examples: Uint32Array;

  /** `store` holds the parameters by name; those it lacks are put there. */
  constructor(
    /** Policy and value. */
    readonly model: ActorCritic,
    private readonly engine: SmallEngine,
    /** Where the parameters live. */
    readonly store: Store,
    /** Largest number of rows. */
    readonly n: number,
  ) {
    const { policy, value } = model;
    for (const network of [policy, value]) {
      for (const [name, t] of network?.weights ?? []) {
        if (!store.has(name)) store.set(name, { ...t, data: t.data.slice() });
      }
    }
    this.T = policy.h.shape[1] as number;
    model.likelihood.checkOutputs(this.T);
    this.features = new Float32Array(n * featureLength(model.observationSpace));
    if (policy.h.dtype === 'float64') this.features = new Float64Array(this.features.length);
    this.examples = Uint32Array.from({ length: n }, (_, i) => i);
  }

  /**
   * Runs the first `rows` rows of `features`. Throws `rl/policy` where a model without a value is asked for it alone.
   * @throws FimError with `engine/batch`, `engine/connect`, `engine/memory`, `engine/name`, `engine/operator`, `engine/slot`,
   * `engine/store`
   */
  run(rows: number, heads: Heads = 'both'): void {
    const program = this.programs.get(heads) ?? this.compile(heads);
    program.setInput('x', this.features.subarray(0, (rows * this.features.length) / this.n));
    program.run(rows);
    this.last = program;
  }

  private compile(heads: Heads): SyncProgram {
    const { policy, value } = this.model;
    if (heads === 'value' && !value) throw noValue();
    const asked = {
      ...(heads === 'value' ? {} : { h: policy.h }),
      ...(value && heads !== 'policy' ? { v: value.h } : {}),
    };
    const parameters = [...policy.parameters, ...(value?.parameters ?? [])];
    const inputs = [...policy.inputs, ...parameters];
    const program = this.engine.compileSync(graph(inputs, asked), { maxBatch: this.n, store: this.store });
    this.programs.set(heads, program);
    return program;
  }

  /** h [rows, T] of a run of the policy, valid until the next run. */
  get h(): FloatArray {
    return this.last!.output('h') as FloatArray;
  }

  /** V [rows], valid until the next run. Throws `rl/policy` for a model without one. */
  get values(): FloatArray {
    if (this.model.value === null) throw noValue();
    return this.last!.output('v') as FloatArray;
  }

  /** Room for one action a row. */
  makeActions(): Labels {
    return makeLabels(this.model.likelihood, this.n, this.T, 1);
  }

  /**
   * Draws actions of all rows of the last run; `step` names the draw.
   * @throws FimError with `likelihood/not-finite`, `random/seed`
   */
  act(seed: number, step: number, actions: Labels): void {
    const h = outputs(this.h, this.n, this.T);
    this.model.likelihood.sample(h, draws(seed, 'actions', this.examples, null, 1, step), actions);
  }

  /** Frees the compiled programs. */
  dispose(): void {
    for (const program of this.programs.values()) program.dispose();
  }
}

function noValue(): FimError {
  return new FimError({
    code: 'rl/policy',
    kind: 'usage',
    where: 'rollout',
    rule: 'advantages need a value network',
    got: "value: 'none'",
    next: "actorCritic({ …, value: 'separate' })",
  });
}
