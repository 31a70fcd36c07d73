/**
 * @module rl/mujoco/simulation
 *
 * One simulation of a model. MuJoCo's arrays are views into WebAssembly memory that die (length 0) whenever that memory grows, which
 * the making of any other simulation may cause. So no view leaves this file except through `Live.now`, which takes a new one where
 * the old one died: a stale view cannot be read. Nothing here is garbage-collected by JavaScript: `close` frees it.
 *
 * Models are compiled once a thread and shared by their simulations; the last one to close frees the model.
 */
import { FimError } from '../../core/errors.js';
import { type Model, toXml } from './mjcf.js';
import { type DoubleBuffer, loadMujoco, type MjData, type MjModel, type Mujoco } from './module.js';

const DEAD = new Float64Array(0);

/** An array of the simulation, always alive: read it again after anything that may allocate. */
export class Live {
  private view: Float64Array = DEAD;

  constructor(
    private readonly data: MjData,
    private readonly field: string,
  ) {}

  get now(): Float64Array {
    if (this.view.length === 0) this.view = this.data[this.field] as Float64Array;
    return this.view;
  }
}

interface Shared {
  readonly model: MjModel;
  users: number;
}

const compiled = new Map<Model, Shared>();

/** How many compiled models this thread holds, for tests of leaks. */
export function compiledModels(): number {
  return compiled.size;
}

export class Simulation {
  readonly qpos: Live;
  readonly qvel: Live;
  readonly ctrl: Live;
  readonly xpos: Live;
  readonly xipos: Live;
  readonly cinert: Live;
  readonly cvel: Live;
  readonly cfrcExt: Live;
  readonly qfrcActuator: Live;
  readonly qfrcConstraint: Live;
  readonly siteXpos: Live;
  readonly geomXpos: Live;
  readonly geomXmat: Live;
  readonly nq: number;
  readonly nv: number;
  readonly nu: number;
  readonly nbody: number;
  readonly timestep: number;
  /** The pose of the model's own description [nq]. */
  readonly startQpos: Float64Array;
  readonly bodyMass: Float64Array;
  private readonly spec: number;
  private readonly stateSize: number;
  private readonly buffer: DoubleBuffer;
  private open = true;

  private constructor(
    private readonly mujoco: Mujoco,
    private readonly description: Model,
    /** Of the thread; do not delete. */
    readonly model: MjModel,
    readonly data: MjData,
  ) {
    const live = (field: string): Live => new Live(data, field);
    this.qpos = live('qpos');
    this.qvel = live('qvel');
    this.ctrl = live('ctrl');
    this.xpos = live('xpos');
    this.xipos = live('xipos');
    this.cinert = live('cinert');
    this.cvel = live('cvel');
    this.cfrcExt = live('cfrc_ext');
    this.qfrcActuator = live('qfrc_actuator');
    this.qfrcConstraint = live('qfrc_constraint');
    this.siteXpos = live('site_xpos');
    this.geomXpos = live('geom_xpos');
    this.geomXmat = live('geom_xmat');
    this.nq = model.nq;
    this.nv = model.nv;
    this.nu = model.nu;
    this.nbody = model.nbody;
    this.timestep = model.opt.timestep;
    this.startQpos = (model.qpos0 as Float64Array).slice();
    this.bodyMass = (model.body_mass as Float64Array).slice();
    this.spec = mujoco.mjtState.mjSTATE_INTEGRATION.value;
    this.stateSize = mujoco.mj_stateSize(model, this.spec);
    this.buffer = new mujoco.DoubleBuffer(this.stateSize);
  }

  /** A simulation of `description`. Throws `rl/mujoco-missing`, `rl/mujoco-memory`. */
  static async of(description: Model): Promise<Simulation> {
    const mujoco = await loadMujoco();
    let shared = compiled.get(description);
    if (!shared) {
      shared = { model: mujoco.MjModel.from_xml_string(toXml(description)), users: 0 };
      compiled.set(description, shared);
    }
    shared.users++;
    try {
      return new Simulation(mujoco, description, shared.model, new mujoco.MjData(shared.model));
    } catch (error) {
      release(description);
      throw new FimError(
        {
          code: 'rl/mujoco-memory',
          where: `a simulation of ${description.name}`,
          rule: "must fit into the 2 GiB of MuJoCo's WebAssembly memory",
          got: error instanceof Error ? error.message : String(error),
          cause: 'environments that were made and never closed',
          next: 'env.close()',
        },
        { cause: error },
      );
    }
  }

  /** Index of a body. */
  body(name: string): number {
    return this.mujoco.mj_name2id(this.model, this.mujoco.mjtObj.mjOBJ_BODY.value, name);
  }

  /** Clears everything, sets positions and velocities, computes what follows from them (mj_resetData, mj_forward). */
  start(qpos: ArrayLike<number>, qvel: ArrayLike<number>): void {
    this.mujoco.mj_resetData(this.model, this.data);
    this.place(qpos, qvel);
  }

  private place(qpos: ArrayLike<number>, qvel: ArrayLike<number>): void {
    this.qpos.now.set(qpos);
    this.qvel.now.set(qvel);
    this.mujoco.mj_forward(this.model, this.data);
  }

  /** `frames` steps under the present controls, then the contact forces on every body (mj_rnePostConstraint). */
  advance(frames: number): void {
    const { mujoco, model, data } = this;
    for (let i = 0; i < frames; i++) mujoco.mj_step(model, data);
    mujoco.mj_rnePostConstraint(model, data);
  }

  /** The full integration state. */
  getState(): Float64Array {
    this.mujoco.mj_getState(this.model, this.data, this.buffer, this.spec);
    return this.buffer.GetView().slice();
  }

  /** Restores it, and computes positions of bodies from it; the state itself comes out untouched. */
  setState(state: ArrayLike<number>): void {
    const { mujoco, model, data, spec } = this;
    const numbers = Array.from(state);
    mujoco.mj_resetData(model, data);
    mujoco.mj_setState(model, data, numbers, spec);
    mujoco.mj_forward(model, data);
    mujoco.mj_setState(model, data, numbers, spec);
  }

  /** Length of the full state. */
  get stateLength(): number {
    return this.stateSize;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.buffer.delete();
    this.data.delete();
    release(this.description);
  }
}

function release(description: Model): void {
  const shared = compiled.get(description);
  if (!shared || --shared.users > 0) return;
  shared.model.delete();
  compiled.delete(description);
}
