/**
 * @module rl/mujoco/creature
 *
 * The common part of the ten MuJoCo environments: controls in, some steps of physics, an observation, a reward; start noise; states of two
 * lengths; and `memory`, the places from which the next reward measures its distance. MuJoCo leaves the positions of bodies one
 * sub-step behind the joints after a step, so they cannot be had again from the state alone.
 */
import type { Sequence } from '../../core/random.js';
import type { FloatArray } from '../../core/tensor.js';
import { badState } from '../complaints.js';
import { box, unbounded } from '../spaces.js';
import { type Posed, quaternion, type Scene, type Shape } from '../render/scene.js';
import type { BoxSpace, Dynamics, Info, Outcome } from '../types.js';
import type { Simulation } from './simulation.js';

const f32 = Math.fround;
/** By MuJoCo's numbers of geom types. */
const SHAPES: Readonly<Record<number, Shape['type']>> = {
  0: 'plane',
  2: 'sphere',
  3: 'capsule',
  5: 'cylinder',
  6: 'box',
};

export abstract class Creature implements Dynamics, Posed {
  readonly observationSpace: BoxSpace;
  readonly actionSpace: BoxSpace;
  /** What the next reward measures from: see `measure`. */
  readonly memory = new Float64Array(2);
  /** Seconds of an environment step. */
  readonly dt: number;
  protected readonly noise: Float64Array;
  /** Parts of the last reward, in the order of their names. */
  protected readonly parts: Float64Array;
  private readonly before = new Float64Array(2);

  protected constructor(
    protected readonly id: string,
    readonly simulation: Simulation,
    protected readonly frames: number,
    observations: number,
    private readonly partNames: readonly string[],
  ) {
    const range = simulation.model.actuator_ctrlrange as Float64Array;
    const bound = (side: 0 | 1): number[] =>
      Array.from({ length: simulation.nu }, (_, i) => range[2 * i + side]);
    this.actionSpace = box(bound(0), bound(1));
    this.observationSpace = unbounded(observations);
    this.dt = simulation.timestep * frames;
    this.noise = new Float64Array(simulation.nq + simulation.nv);
    this.parts = new Float64Array(partNames.length);
  }

  /** Start noise: nq + nv numbers added to the model's own pose, qpos first. */
  protected abstract draw(random: Sequence, noise: Float64Array): void;

  /** Where the creature is, for its speed. Default: the first two joints. */
  protected measure(out: Float64Array): void {
    const qpos = this.simulation.qpos.now;
    out[0] = qpos[0];
    out[1] = qpos[1];
  }

  /** Reward and end after a step; `moved` is how far the measured place went, per second. */
  protected abstract judge(action: ArrayLike<number>, outcome: Outcome, moved: Float64Array): void;

  abstract observe(out: FloatArray, offset: number): void;

  reset(random: Sequence): void {
    const { simulation: s, noise } = this;
    this.draw(random, noise);
    for (let i = 0; i < s.nq; i++) noise[i] += s.startQpos[i];
    this.begin(noise);
  }

  /** Starts at nq + nv numbers. */
  private begin(pose: Float64Array): void {
    const { nq, nv } = this.simulation;
    this.simulation.start(pose.subarray(0, nq), pose.subarray(nq, nq + nv));
    this.measure(this.memory);
    this.parts.fill(0);
  }

  step(action: ArrayLike<number>, outcome: Outcome): void {
    const { simulation, memory, before } = this;
    const ctrl = simulation.ctrl.now;
    for (let i = 0; i < ctrl.length; i++) ctrl[i] = action[i];
    before[0] = memory[0];
    before[1] = memory[1];
    simulation.advance(this.frames);
    this.measure(memory);
    before[0] = (memory[0] - before[0]) / this.dt;
    before[1] = (memory[1] - before[1]) / this.dt;
    this.judge(action, outcome, before);
  }

  readState(): Float64Array {
    return this.simulation.getState();
  }

  writeState(state: Float64Array): void {
    this.simulation.setState(state);
    this.measure(this.memory);
    this.parts.fill(0);
  }

  startFrom(state: Float64Array): void {
    const { simulation: s } = this;
    if (state.length === s.nq + s.nv) this.begin(state);
    else if (state.length === s.stateLength) this.writeState(state);
    else {
      const lengths = `${s.nq + s.nv} (qpos and qvel) or ${s.stateLength} (full state)`;
      throw badState(this.id, 'reset({ state })', lengths, state);
    }
  }

  /** The measured place and the parts of the last reward, under Gymnasium's names. */
  info(): Info {
    const entries = this.partNames.map((name, i) => [name, this.parts[i]] as const);
    return { x_position: this.memory[0], ...Object.fromEntries(entries) };
  }

  /** The model's shapes, for a viewer. */
  get scene(): Scene {
    const { model } = this.simulation;
    const types = model.geom_type as Int32Array;
    const sizes = model.geom_size as Float64Array;
    const colours = model.geom_rgba as Float32Array;
    const bodies = model.geom_bodyid as Int32Array;
    const shapes = Array.from(types, (t, i): Shape => {
      const [r, g, b, a] = colours.slice(4 * i, 4 * i + 4);
      return {
        type: SHAPES[t],
        size: [sizes[3 * i], sizes[3 * i + 1], sizes[3 * i + 2]],
        rgba: [r, g, b, a],
      };
    });
    // The first shape of the first body, where that body can go anywhere in the plane.
    return { shapes, follow: this.roams ? bodies.indexOf(1) : -1 };
  }

  /** Whether the creature leaves the place where it started. */
  protected readonly roams: boolean = false;

  pose(): Float32Array {
    const places = this.simulation.geomXpos.now;
    const turns = this.simulation.geomXmat.now;
    const n = places.length / 3;
    const out = new Float32Array(7 * n);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < 3; k++) out[7 * i + k] = places[3 * i + k];
      quaternion(turns, 9 * i, out, 7 * i + 3);
    }
    return out;
  }

  close(): void {
    this.simulation.close();
  }
}

/**
 * weight · Σ a² as numpy computes it from a float32 action: squares, their sum (in order below eight numbers, in a tree of eight
 * from there on) and the product all rounded to float32.
 */
export function controlCost(weight: number, action: ArrayLike<number>): number {
  const n = action.length;
  const square = (i: number): number => f32(action[i] * action[i]);
  const pair = (i: number): number => f32(square(i) + square(i + 1));
  let sum = 0;
  let i = 0;
  if (n >= 8) {
    sum = f32(f32(pair(0) + pair(2)) + f32(pair(4) + pair(6)));
    i = 8;
  }
  for (; i < n; i++) sum = f32(sum + square(i));
  return f32(f32(weight) * sum);
}

/** Uniform noise in ±scale on numbers from…to−1. */
export function uniformNoise(
  random: Sequence,
  noise: Float64Array,
  scale: number,
  from = 0,
  to = noise.length,
): void {
  for (let i = from; i < to; i++) noise[i] = scale * (2 * random.next() - 1);
}

/** Normal noise of standard deviation `scale` on numbers from…to−1. */
export function normalNoise(random: Sequence, noise: Float64Array, scale: number, from: number): void {
  for (let i = from; i < noise.length; i++) noise[i] = scale * random.normal();
}

/** Copies from[start…] to out[offset…] with bounds; returns where the next number goes. */
export function copy(
  from: Float64Array,
  start: number,
  out: FloatArray,
  offset: number,
  limit = Infinity,
  end = from.length,
): number {
  let at = offset;
  for (let i = start; i < end; i++) {
    const v = from[i];
    out[at++] = v > limit ? limit : v < -limit ? -limit : v;
  }
  return at;
}

/** √(Σ (a_i − b_i)²) between two bodies' places. */
export function distance(places: Float64Array, a: number, b: number): number {
  let sum = 0;
  for (let k = 0; k < 3; k++) sum += (places[3 * a + k] - places[3 * b + k]) ** 2;
  return Math.sqrt(sum);
}
