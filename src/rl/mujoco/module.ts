/**
 * @module rl/mujoco/module
 *
 * MuJoCo's own WebAssembly build, an optional package, behind the few calls that environments need: all names that can change
 * stand here, with their types, and a test fails where one does. One instance a thread, loaded on first use (0.3 s).
 */
import { FimError } from '../../core/errors.js';

/** The version that the reference numbers were made with. Physics differs between versions. */
export const MUJOCO_VERSION = '3.14.0';

/** Arrays of a model or a simulation, by MuJoCo's names. Every read of one makes a new view. */
export type Fields = Readonly<Record<string, unknown>>;

export interface MjModel extends Fields {
  readonly nq: number;
  readonly nv: number;
  readonly nu: number;
  readonly nbody: number;
  readonly ngeom: number;
  readonly narena: number;
  readonly opt: Fields & { readonly timestep: number };
  delete(): void;
}

export interface MjData extends Fields {
  readonly maxuse_arena: number;
  delete(): void;
}

/** Doubles in MuJoCo's memory. */
export interface DoubleBuffer {
  GetView(): Float64Array;
  delete(): void;
}

interface Enum {
  readonly value: number;
}

export interface Mujoco {
  readonly MjModel: { from_xml_string(xml: string): MjModel };
  readonly MjData: new (model: MjModel) => MjData;
  readonly DoubleBuffer: new (length: number) => DoubleBuffer;
  readonly mjtObj: { readonly mjOBJ_BODY: Enum };
  readonly mjtState: { readonly mjSTATE_INTEGRATION: Enum };
  mj_versionString(): string;
  mj_name2id(model: MjModel, kind: number, name: string): number;
  mj_resetData(model: MjModel, data: MjData): void;
  mj_forward(model: MjModel, data: MjData): void;
  mj_step(model: MjModel, data: MjData): void;
  mj_rnePostConstraint(model: MjModel, data: MjData): void;
  mj_stateSize(model: MjModel, spec: number): number;
  mj_getState(model: MjModel, data: MjData, state: DoubleBuffer, spec: number): void;
  mj_setState(model: MjModel, data: MjData, state: number[], spec: number): void;
}

/** Named apart from its import: a bundler leaves an optional package to whoever installs it. */
const PACKAGE: string = '@mujoco/mujoco';

type Load = () => Promise<{ default: (options: object) => Promise<unknown> }>;

let loaded: Promise<Mujoco> | null = null;

/** MuJoCo, loaded once a thread. Throws `rl/mujoco-missing`, `rl/mujoco-version`. */
export function loadMujoco(): Promise<Mujoco> {
  loaded ??= loadFrom(() => import(/* @vite-ignore */ PACKAGE) as ReturnType<Load>).catch(
    (error: unknown) => {
      loaded = null;
      throw error;
    },
  );
  return loaded;
}

/** The same from a given package. Throws `rl/mujoco-missing` and `rl/mujoco-version`. */
export async function loadFrom(load: Load): Promise<Mujoco> {
  let factory: Awaited<ReturnType<Load>>;
  try {
    factory = await load();
  } catch (error) {
    throw new FimError(
      {
        code: 'rl/mujoco-missing',
        where: "MuJoCo's environments",
        rule: 'need the optional package @mujoco/mujoco, which is not installed',
        got: error instanceof Error ? error.message.split('\n')[0] : String(error),
        next: `npm install @mujoco/mujoco@${MUJOCO_VERSION}`,
      },
      { cause: error },
    );
  }
  // MuJoCo prints warnings about unstable states; a library does not.
  const quiet = { print: () => {}, printErr: () => {} };
  const mujoco = (await factory.default(quiet)) as Mujoco;
  const version = mujoco.mj_versionString();
  if (version !== MUJOCO_VERSION) {
    throw new FimError({
      code: 'rl/mujoco-version',
      where: '@mujoco/mujoco',
      rule: `is version ${MUJOCO_VERSION} exactly: other versions are other physics`,
      got: version,
      next: `npm install @mujoco/mujoco@${MUJOCO_VERSION}`,
    });
  }
  return mujoco;
}
