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

/** How much memory a simulation takes is ours to say. `buffer`, all arrays one after the other, is compared byte by byte. */
const APART = new Set(['narena', 'buffer']);

/** Arrays of booleans, that the package's own bindings cannot read by name: they are in the buffer with all others. */
const BOOLEANS = [
  ...['actearly', 'actlimited', 'ctrllimited', 'forcelimited'].map((n) => `actuator_${n}`),
  'eq_active0',
  ...['flex_centered', 'flex_flatskin', 'flex_internal', 'flex_rigid', 'flexedge_rigid'],
  ...['jnt_actfrclimited', 'jnt_actgravcomp', 'jnt_limited'],
  ...['light_active', 'light_castshadow', 'mat_texuniform'],
  ...['tendon_actfrclimited', 'tendon_limited'],
];

/** A double that is 0 and has a sign or none: byte `i` is its last. */
function signOfZero(a: Uint8Array, b: Uint8Array, i: number): boolean {
  return (
    i % 8 === 7 && (a[i] ^ b[i]) === 0x80 && (a[i] & 0x7f) === 0 && a.subarray(i - 7, i).every((v) => v === 0)
  );
}

function differences(first: string, second: string): string[] {
  const [theirs, ours] = [first, second].map((xml): MjModel => mujoco.MjModel.from_xml_string(xml));
  const unreadable: string[] = [];
  const [a, b] = [fieldsOf(theirs, unreadable), fieldsOf(ours, [])];
  expect(unreadable.sort()).toEqual(BOOLEANS);
  expect(a.size).toBeGreaterThan(500);
  expect([...b.keys()]).toEqual([...a.keys()]);
  const text = (v: unknown): string => (typeof v === 'bigint' ? String(v) : JSON.stringify(v));
  const different = [...a.keys()].filter((k) => !APART.has(k) && text(a.get(k)) !== text(b.get(k)));
  const [x, y] = [theirs, ours].map((m) => m.buffer as Uint8Array);
  const bytes = x.length === y.length ? x.findIndex((v, i) => v !== y[i] && !signOfZero(x, y, i)) : 0;
  if (bytes >= 0) different.push('buffer');
  theirs.delete();
  ours.delete();
  return different;
}

const published = (file: string): string =>
  readFileSync(new URL(`../../../test/fixtures/rl/mjcf/${file}.xml`, import.meta.url), 'utf8');

describe.each(Object.entries(models))('%s', (file, model) => {
  it('compiles to the published model: every field by name, and every byte of its arrays', () => {
    expect(differences(published(file), toXml(model))).toEqual([]);
  });
});

it('the comparison sees a figure that differs, by its name', () => {
  const changed = {
    ...models.hopper,
    defaults: { ...models.hopper.defaults, joint: { armature: 1.001, damping: 1, limited: true } },
  };
  expect(differences(toXml(models.hopper), toXml(changed))).toEqual(
    expect.arrayContaining(['dof_armature', 'buffer']),
  );
});

it.each([
  ['jnt_limited', /(<joint [^>]*\b)limited="true"/, '$1limited="false"'],
  ['jnt_actgravcomp', /<joint armature/, '<joint actuatorgravcomp="true" armature'],
  ['actuator_ctrllimited', /ctrllimited="true" ctrlrange="-1.0/, 'ctrllimited="false" ctrlrange="-1.0'],
  ['light_castshadow', /<light /, '<light castshadow="false" '],
  ['light_active', /<light /, '<light active="false" '],
  ['mat_texuniform', /texuniform="true"/, 'texuniform="false"'],
])('the comparison sees the switch %s', (_, from, to) => {
  const xml = published('hopper');
  expect(xml).toMatch(from);
  expect(differences(xml, xml.replace(from, to))).toContain('buffer');
});
