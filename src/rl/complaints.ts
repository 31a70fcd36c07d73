/**
 * @module rl/complaints
 *
 * The mistakes that are made with environments, each said once.
 */
import { FimError } from '../core/errors.js';
import { contains, describeSpace, lengthOf, startOf } from './spaces.js';
import type { Action, Space } from './types.js';

/** A step before reset, after the end, or after close. */
export function notRunning(id: string, phase: 'new' | 'ended' | 'closed'): FimError {
  const says = {
    new: ['reset() comes before the first step()', 'env.reset({ seed: 0 })'],
    ended: ['after terminated or truncated comes reset(), not step()', 'env.reset()'],
    closed: ['a closed environment can do nothing more', `await make('${id}')`],
  }[phase];
  return new FimError({
    code: `rl/${phase === 'new' ? 'not-reset' : phase}`,
    kind: 'usage',
    where: `${id}`,
    rule: says[0],
    next: says[1],
  });
}

/** Why `action` is none of the space; of many environments, that of environment `row`. */
export function badAction(id: string, space: Space, action: Action | undefined, row?: number): FimError {
  const length = lengthOf(space);
  const values = typeof action === 'number' ? [action] : Array.from(action ?? []);
  const complaint = {
    kind: 'usage' as const,
    where: row === undefined ? `${id}: step(action)` : `${id}: step(actions), row ${row}`,
    got: describe(action),
  };
  if (values.length !== length || (typeof action === 'number' && space.kind === 'box')) {
    return new FimError({
      ...complaint,
      code: 'rl/action-shape',
      rule: `an action of ${describeSpace(space)} is ${space.kind === 'discrete' ? 'one whole number' : `an array of ${length}`}`,
    });
  }
  if (space.kind === 'discrete' && !contains(space, values)) {
    return new FimError({
      ...complaint,
      code: 'rl/action-range',
      rule: `an action of ${describeSpace(space)} is a whole number from ${startOf(space)} to ${startOf(space) + space.n - 1}`,
    });
  }
  return new FimError({
    ...complaint,
    code: 'rl/action-finite',
    rule: 'every number of an action is finite',
    cause: 'a policy whose weights or inputs became NaN or infinite',
  });
}

/** A state of another length. */
export function badState(id: string, where: string, lengths: string, got: ArrayLike<number>): FimError {
  const finite = Array.from(got).every(Number.isFinite);
  return new FimError({
    code: 'rl/state',
    kind: 'usage',
    where: `${id}: ${where}`,
    rule: finite ? `the state has ${lengths} numbers` : 'every number of the state is finite',
    got: finite ? `${got.length}` : describe(got),
  });
}

function describe(value: Action | undefined): string {
  if (value === undefined || typeof value === 'number') return String(value);
  const shown = Array.from(value).slice(0, 8).join(', ');
  return `[${shown}${value.length > 8 ? ', …' : ''}]`;
}

/** Bytes saved by an environment of another name. */
export function otherEnvironment(id: string, saved: string): FimError {
  return new FimError({
    code: 'rl/saved',
    kind: 'usage',
    where: `${id}: load(bytes)`,
    rule: 'loads what an environment of the same name saved',
    got: saved,
    next: `await make('${saved}')`,
  });
}

/** An environment option that does not exist, or has a value it cannot have. */
export function badOption(id: string, rule: string, got: string, next?: string): FimError {
  return new FimError({
    code: 'rl/option',
    kind: 'usage',
    where: `make('${id}')`,
    rule,
    got,
    ...(next === undefined ? {} : { next }),
  });
}
