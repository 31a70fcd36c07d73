import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toXml } from './mjcf.js';
import { models } from './models/index.js';
import { loadMujoco, type MjModel } from './module.js';

const mujoco = await loadMujoco();

/** Everything a compiled model holds: numbers, arrays, strings, and the same of its option, statistic and visual parts. */
function fieldsOf(model: object, unreadable: string[], prefix = ''): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const prototype = Object.getPrototypeOf(model) as object;
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (typeof Object.getOwnPropertyDescriptor(prototype, name)?.get !== 'function') continue;
    let value: unknown;
    try {
      value = (model as Record<string, unknown>)[name];
    } catch {
      unreadable.push(prefix + name);
      continue;
    }
    if (ArrayBuffer.isView(value))
      found.set(prefix + name, Array.from(value as unknown as ArrayLike<number>));
    else if (typeof value === 'object' && value !== null) {
      for (const [k, v] of fieldsOf(value, unreadable, `${prefix}${name}.`)) found.set(k, v);
    } else if (typeof value !== 'function') found.set(prefix + name, value);
  }
  return found;
}

/** How much memory a simulation takes is ours to say. `buffer` is where the model lies in memory. */
const OURS = new Set(['narena', 'buffer']);

/** Arrays of booleans that the package's own bindings cannot read; those that these models set are asked for one by one. */
const BOOLEANS = /^(actuator_|jnt_|tendon_|flex_|flexedge_|light_|mat_texuniform$|eq_active0$)/;
const BY_NAME = [
  ['jnt', 'limited', 'njnt'],
  ['actuator', 'ctrllimited', 'nu'],
  ['tendon', 'limited', 'ntendon'],
  ['mat', 'texuniform', 'nmat'],
  ['light', 'castshadow', 'nlight'],
] as const;

type Accessors = Record<string, (i: number) => Record<string, unknown>> & Record<string, number>;

function differences(first: string, second: string): string[] {
  const [theirs, ours] = [first, second].map((xml): MjModel => mujoco.MjModel.from_xml_string(xml));
  const unreadable: string[] = [];
  const [a, b] = [fieldsOf(theirs, unreadable), fieldsOf(ours, [])];
  for (const name of unreadable) expect(name).toMatch(BOOLEANS);
  expect(a.size).toBeGreaterThan(500);
  expect([...b.keys()]).toEqual([...a.keys()]);
  const text = (v: unknown): string => (typeof v === 'bigint' ? String(v) : JSON.stringify(v));
  const different = [...a.keys()].filter((k) => !OURS.has(k) && text(a.get(k)) !== text(b.get(k)));
  const [m, n] = [theirs, ours] as unknown as Accessors[];
  for (const [kind, field, count] of BY_NAME) {
    for (let i = 0; i < Math.min(m[count], n[count]); i++) {
      if (m[kind](i)[field] !== n[kind](i)[field]) different.push(`${kind}(${i}).${field}`);
    }
  }
  theirs.delete();
  ours.delete();
  return different;
}

describe.each(Object.entries(models))('%s', (file, model) => {
  it('compiles to the published model, field by field', () => {
    const xml = readFileSync(new URL(`../../../test/fixtures/rl/mjcf/${file}.xml`, import.meta.url), 'utf8');
    expect(differences(xml, toXml(model))).toEqual([]);
  });
});

it('the comparison sees a figure and a switch that differ', () => {
  const changed = {
    ...models.hopper,
    defaults: { ...models.hopper.defaults, joint: { armature: 1.001, damping: 1, limited: false } },
  };
  const seen = differences(toXml(models.hopper), toXml(changed));
  expect(seen).toContain('dof_armature');
  expect(seen.some((name) => name.endsWith('.limited'))).toBe(true);
});
