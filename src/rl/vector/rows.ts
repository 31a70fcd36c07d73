/**
 * @module rl/vector/rows
 *
 * The buffers of n environments, in memory of this thread or shared, and their place in saved bytes.
 */
import { FimError } from '../../core/errors.js';
import { badAction } from '../complaints.js';
import type { Snapshot } from '../environment.js';
import { packSaved, unpackSaved } from '../saved.js';
import { allocateFor, type BufferOf, describeSpace, lengthOf, startOf } from '../spaces.js';
import type { Space } from '../types.js';
import type { Rows } from './types.js';

export function makeRows(space: Space, n: number, Buffer: BufferOf = ArrayBuffer): Rows {
  return {
    observations: allocateFor(space, n, Buffer),
    finalObservations: allocateFor(space, n, Buffer),
    rewards: new Float64Array(new Buffer(8 * n)),
    terminated: new Uint8Array(new Buffer(n)),
    truncated: new Uint8Array(new Buffer(n)),
  };
}

/**
 * Throws `rl/action-shape`, `rl/action-range` or `rl/action-finite` unless there is one action of the space for each of n
 * environments: before any of them has moved.
 */
export function checkActions(id: string, space: Space, n: number, actions: ArrayLike<number>): void {
  if (actions.length !== n * lengthOf(space)) throw badCount(id, space, n, actions.length);
  if (space.kind === 'discrete') {
    const first = startOf(space);
    for (let i = 0; i < n; i++) {
      const a = actions[i];
      if (!(a >= first && a < first + space.n && Math.floor(a) === a)) throw badAction(id, space, a, i);
    }
  } else if (notFinite(actions, space.dtype === 'float32')) {
    const { size } = space;
    for (let i = 0; i < n; i++) {
      const row = Array.from({ length: size }, (_, k) => actions[i * size + k]);
      if (notFinite(row, space.dtype === 'float32')) throw badAction(id, space, row, i);
    }
  }
}

/** Whether some number is not, in float32 where the space is. */
function notFinite(actions: ArrayLike<number>, single: boolean): boolean {
  let zero = 0;
  if (single) for (let i = 0; i < actions.length; i++) zero += Math.fround(actions[i]) * 0;
  else for (let i = 0; i < actions.length; i++) zero += actions[i] * 0;
  return zero !== 0;
}

function badCount(id: string, space: Space, n: number, got: number): FimError {
  return new FimError({
    code: 'rl/action-shape',
    kind: 'usage',
    where: `${id}: step(actions) of ${n} environments`,
    rule: `actions are ${n} × ${lengthOf(space)} numbers of ${describeSpace(space)}`,
    got: `${got}`,
  });
}

const NAMES = ['observations', 'finalObservations', 'rewards', 'terminated', 'truncated'] as const;

export function packRows(id: string, rows: Rows, snapshots: readonly Snapshot[]): Uint8Array {
  const arrays: Record<string, Float64Array> = {};
  for (const name of NAMES) arrays[name] = Float64Array.from(rows[name]);
  const headers = snapshots.map(({ state, memory, ...header }, i) => {
    arrays[`state ${i}`] = state;
    arrays[`memory ${i}`] = memory;
    return header;
  });
  return packSaved({ kind: 'vector', header: { id, headers }, arrays });
}

/** Fills `rows`; returns the snapshots. Throws `rl/saved` for bytes of another kind, environment or number. */
export function unpackRows(id: string, n: number, rows: Rows, bytes: Uint8Array): Snapshot[] {
  const where = `${n} × ${id}: load(bytes)`;
  const { header, arrays } = unpackSaved(bytes, 'vector', where);
  const { id: saved, headers } = header as { id: string; headers: Omit<Snapshot, 'state' | 'memory'>[] };
  if (saved !== id || headers.length !== n) {
    throw new FimError({
      code: 'rl/saved',
      kind: 'usage',
      where,
      rule: 'loads what as many environments of the same name saved',
      got: `${headers.length} × ${saved}`,
      next: `makeVector('${saved}', { n: ${headers.length} })`,
    });
  }
  for (const name of NAMES) rows[name].set(arrays[name]);
  return headers.map((h, i) => ({ ...h, state: arrays[`state ${i}`], memory: arrays[`memory ${i}`] }));
}
