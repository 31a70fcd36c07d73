/**
 * @module rl/guard
 *
 * Guards against objects that cannot be dynamics, or spaces: a clear word instead of "undefined is not a function" in the middle
 * of a run. Spaces may be plain objects; the bounds of a Box any lists of numbers.
 */
import { FimError } from '../core/errors.js';
import { didYouMean } from '../core/suggest.js';
import { box, discrete } from './spaces.js';
import type { BoxSpace, Dynamics, Space } from './types.js';

/** Throws `rl/dynamics`, naming what is missing. */
export function isDynamics(id: string, value: unknown): asserts value is Dynamics {
  const d = (value ?? {}) as Partial<Record<keyof Dynamics, unknown>>;
  const missing = (['observationSpace', 'actionSpace'] as const).filter(
    (name) => typeof d[name] !== 'object' || d[name] === null,
  );
  const functions = (['reset', 'step', 'observe'] as const).filter((name) => typeof d[name] !== 'function');
  const stateless =
    !isFloat64(d.state) && (typeof d.readState !== 'function' || typeof d.writeState !== 'function');
  const all = [...missing, ...functions.map((f) => `${f}()`), ...(stateless ? ['state'] : [])];
  if (all.length === 0) return;
  const plain = stateless && d.state !== undefined;
  throw new FimError({
    code: 'rl/dynamics',
    kind: 'usage',
    where: `environment '${id}'`,
    rule: 'dynamics have observationSpace, actionSpace, reset, step, observe, and a Float64Array state (or readState and writeState)',
    got: plain
      ? `state is ${Array.isArray(d.state) ? 'a plain array' : kindOf(d.state)}, no Float64Array${all.length > 1 ? `; without ${all.filter((a) => a !== 'state').join(', ')}` : ''}`
      : `without ${all.join(', ')}`,
    ...(plain ? { next: `const state = new Float64Array(${lengthOfList(d.state)});` } : {}),
  });
}

/** A Float64Array, of whatever realm. */
function isFloat64(value: unknown): value is Float64Array {
  return Object.prototype.toString.call(value) === '[object Float64Array]';
}

function lengthOfList(value: unknown): number {
  return Array.isArray(value) && value.length > 0 ? value.length : 1;
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  return value.constructor?.name ?? 'an object';
}

/** Every field that dynamics are read by. */
export const DYNAMICS_FIELDS = [
  'observationSpace',
  'actionSpace',
  'state',
  'readState',
  'writeState',
  'startFrom',
  'memory',
  'reset',
  'step',
  'observe',
  'info',
  'render',
  'close',
] as const;

const FIELDS = { discrete: ['kind', 'n', 'start'], box: ['kind', 'dtype', 'size', 'low', 'high'] } as const;

/**
 * `given` as a space: itself where it is one to the letter, else the same with its bounds as Float64Arrays. Throws `rl/space` for a kind
 * that fim has not (MultiDiscrete, Dict, …), a field that is unknown, numbers that cannot be.
 */
export function spaceOf(given: unknown, where: string): Space {
  const space = given as Partial<Record<'kind' | 'n' | 'start' | 'dtype' | 'size' | 'low' | 'high', unknown>>;
  const { kind } = space;
  if (kind !== 'discrete' && kind !== 'box') throw noSpace(space, where);
  const stray = Object.keys(space).find((name) => !(FIELDS[kind] as readonly string[]).includes(name));
  if (stray !== undefined) {
    throw complaint(where, `a ${kind} space has the fields ${FIELDS[kind].join(', ')}`, stray, {
      ...didYouMean(stray, FIELDS[kind]),
    });
  }
  try {
    if (kind === 'discrete') {
      const { n, start = 0 } = space;
      discrete(n as number, { start: start as number });
      return given as Space;
    }
    return boxOf(space, given, where);
  } catch (error) {
    if (!(error instanceof FimError) || error.complaint.where.startsWith(where)) throw error;
    throw new FimError({ ...error.complaint, where: `${where}: ${error.complaint.where}` });
  }
}

function boxOf(
  { dtype = 'float32', size, low, high }: Partial<Record<'dtype' | 'size' | 'low' | 'high', unknown>>,
  given: unknown,
  where: string,
): Space {
  if (dtype !== 'float32' && dtype !== 'float64')
    throw complaint(where, "the dtype of a box is 'float32' or 'float64'", String(dtype));
  if (!isList(low) || !isList(high))
    throw complaint(
      where,
      'low and high of a box are lists of numbers, one a number of the element',
      'none',
      {
        next: 'box([-1, -1], [1, 1])',
      },
    );
  const made: BoxSpace = box(low, high, dtype);
  if (size !== undefined && size !== made.size)
    throw complaint(
      where,
      'size is how many numbers low and high have',
      `${JSON.stringify(size)}, and ${made.size}`,
    );
  return isFloat64(low) && isFloat64(high) && size !== undefined && 'dtype' in (given as object)
    ? (given as Space)
    : made;
}

function isList(value: unknown): value is ArrayLike<number> {
  const list = Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);
  return list && Array.from(value as ArrayLike<unknown>).every((v) => typeof v === 'number');
}

/** Of a kind that fim has not, or of none. */
function noSpace(space: object, where: string): FimError {
  const { kind, n, nvec } = space as { kind?: unknown; n?: unknown; nvec?: ArrayLike<number> };
  const name = typeof kind === 'string' ? kind.toLowerCase().replace(/[^a-z]/g, '') : '';
  const product = nvec ? Array.from(nvec).reduce((a, b) => a * b, 1) : NaN;
  const next = name.startsWith('multidiscrete')
    ? `discrete(${Number.isFinite(product) ? product : 12}), and step takes the number apart`
    : name.startsWith('multibinary')
      ? `discrete(${typeof n === 'number' ? 2 ** n : 8}), and step takes its bits`
      : name === 'dict' || name === 'tuple'
        ? 'box(low, high) of the parts one after another'
        : kind === undefined && n !== undefined
          ? `{ kind: 'discrete', n: ${JSON.stringify(n)} }`
          : kind === undefined && ('low' in space || 'high' in space)
            ? "{ kind: 'box', low: [-1], high: [1] }"
            : 'discrete(2), or box([-1], [1])';
  return complaint(
    where,
    "observation and action spaces are Discrete or Box: discrete(n) or box(low, high) of 'fim/rl', or plain objects with kind 'discrete' or 'box'",
    kind === undefined
      ? `an object without kind (${Object.keys(space).join(', ') || 'empty'})`
      : `kind ${JSON.stringify(kind)}`,
    { next },
  );
}

function complaint(where: string, rule: string, got: string, more: { next?: string } = {}): FimError {
  return new FimError({ code: 'rl/space', kind: 'usage', where, rule, got, ...more });
}
