/**
 * @module rl/mujoco/mjcf
 *
 * MuJoCo models as typed values: every element is a function with named, checked attributes, and the last step writes the XML that
 * MuJoCo compiles. Attributes keep the names of MuJoCo's reference ("XML reference"), so its pages explain them; numbers are
 * written so that they read back as the same doubles.
 */

/** A written element. */
export interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, Attribute | undefined>>;
  readonly children?: readonly Element[];
}

type Attribute = string | number | boolean | readonly number[];
type Numbers = number | readonly number[];

interface Frame {
  readonly pos?: readonly number[];
  readonly quat?: readonly number[];
}

/** What geoms take, also as a default of the model. */
export interface GeomAttributes extends Frame {
  readonly size?: Numbers;
  /** The ends of a capsule or cylinder. */
  readonly fromto?: readonly number[];
  readonly axisangle?: readonly number[];
  readonly contype?: number;
  readonly conaffinity?: number;
  readonly condim?: number;
  readonly density?: number;
  readonly friction?: Numbers;
  readonly margin?: number;
  readonly solimp?: readonly number[];
  readonly solref?: readonly number[];
  readonly material?: string;
  readonly rgba?: readonly number[];
  readonly user?: number;
}

export interface JointAttributes {
  readonly pos?: readonly number[];
  readonly axis?: readonly number[];
  readonly range?: readonly [number, number];
  readonly limited?: boolean;
  readonly armature?: number;
  readonly damping?: number;
  readonly stiffness?: number;
  readonly margin?: number;
  /** The joint's value in the starting pose. */
  readonly ref?: number;
  readonly solimplimit?: readonly number[];
  readonly solreflimit?: readonly number[];
}

export interface MotorAttributes {
  readonly name?: string;
  readonly gear?: number;
  readonly ctrllimited?: boolean;
  readonly ctrlrange?: readonly [number, number];
}

export interface OptionAttributes {
  readonly timestep?: number;
  readonly integrator?: 'Euler' | 'RK4';
  readonly gravity?: readonly number[];
  readonly density?: number;
  readonly viscosity?: number;
  readonly iterations?: number;
  readonly solver?: 'PGS' | 'CG' | 'Newton';
}

/** A whole model. */
export interface Model {
  readonly name: string;
  /** Bytes of the arena of each simulation, e.g. `1M`: contacts and constraints live there. */
  readonly memory: string;
  readonly angle?: 'degree' | 'radian';
  readonly totalMass?: number;
  readonly option: OptionAttributes;
  readonly defaults: { joint?: JointAttributes; geom?: GeomAttributes; motor?: MotorAttributes };
  readonly size?: { nkey?: number; nuser_geom?: number };
  readonly map?: { znear?: number; fogstart?: number; fogend?: number };
  /** Numbers that the model carries for others to read. */
  readonly custom?: Readonly<Record<string, Numbers>>;
  readonly assets?: readonly Element[];
  readonly world: readonly Element[];
  readonly tendons?: readonly Element[];
  readonly actuators: readonly Element[];
}

/** A rigid shape; `name` null for none. */
export function geom(
  type: 'plane' | 'sphere' | 'capsule' | 'cylinder',
  name: string | null,
  attributes: GeomAttributes,
): Element {
  return { tag: 'geom', attributes: { name: name ?? undefined, type, ...attributes } };
}

/** A capsule of radius `size` between two points given as six numbers. */
export function limb(
  name: string | null,
  fromto: readonly number[],
  size: Numbers,
  more: GeomAttributes = {},
): Element {
  return geom('capsule', name, { fromto, size, ...more });
}

export function hinge(name: string, axis: readonly number[], more: JointAttributes = {}): Element {
  return { tag: 'joint', attributes: { name, type: 'hinge', axis, ...more } };
}

export function slide(name: string, axis: readonly number[], more: JointAttributes = {}): Element {
  return { tag: 'joint', attributes: { name, type: 'slide', axis, ...more } };
}

/** Six degrees of freedom without inertia, damping or stiffness of their own. */
export function free(name: string, more: JointAttributes = {}): Element {
  return {
    tag: 'joint',
    attributes: { name, type: 'free', armature: 0, damping: 0, limited: false, ...more },
  };
}

/** A body and everything attached to it. */
export function body(
  name: string | null,
  pos: readonly number[],
  children: readonly Element[],
  more: Omit<Frame, 'pos'> = {},
): Element {
  return { tag: 'body', attributes: { name: name ?? undefined, pos, ...more }, children };
}

export function site(name: string, pos: readonly number[], size: readonly number[]): Element {
  return { tag: 'site', attributes: { name, pos, size } };
}

/** A torque or force on a joint. */
export function motor(joint: string, attributes: MotorAttributes = {}): Element {
  return { tag: 'motor', attributes: { joint, ...attributes } };
}

/** A length that is a weighted sum of joint values. */
export function fixedTendon(name: string, joints: Readonly<Record<string, number>>): Element {
  return {
    tag: 'fixed',
    attributes: { name },
    children: Object.entries(joints).map(([joint, coef]) => ({ tag: 'joint', attributes: { joint, coef } })),
  };
}

/** A joint of the plane in which a flat creature lives: no inertia, spring, damper or limit of its own. */
export const ROOT: JointAttributes = { armature: 0, damping: 0, limited: false, stiffness: 0 };

export function element(
  tag: string,
  attributes: Element['attributes'],
  children?: readonly Element[],
): Element {
  return { tag, attributes, ...(children ? { children } : {}) };
}

/** The XML of a model. */
export function toXml(model: Model): string {
  const { defaults, custom = {}, size = {} } = model;
  const compiler = { angle: model.angle, inertiafromgeom: true, settotalmass: model.totalMass };
  const sections: Element[] = [
    element('compiler', compiler),
    element('option', { ...model.option }),
    element('size', { memory: model.memory, ...size }),
    element('visual', {}, [element('map', { ...model.map })]),
    element(
      'default',
      {},
      (['joint', 'geom', 'motor'] as const).map((tag) => element(tag, { ...defaults[tag] })),
    ),
    element(
      'custom',
      {},
      Object.entries(custom).map(([name, data]) => element('numeric', { name, data })),
    ),
    element('asset', {}, model.assets ?? []),
    element('worldbody', {}, model.world),
    element('tendon', {}, model.tendons ?? []),
    element('actuator', {}, model.actuators),
  ];
  return write(element('mujoco', { model: model.name }, sections));
}

function write({ tag, attributes, children = [] }: Element): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${text(value as Attribute)}"`)
    .join('');
  if (children.length === 0) return `<${tag}${written}/>`;
  return `<${tag}${written}>${children.map(write).join('')}</${tag}>`;
}

function text(value: Attribute): string {
  return Array.isArray(value) ? value.join(' ') : String(value);
}
