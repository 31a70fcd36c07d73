import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Leaves } from '../../bench/golden/committed.mjs';
import { compare, equal } from '../../bench/golden/compare.mjs';
import { leavesOf } from '../../bench/golden/leaves.mjs';
import { tensor } from '../../src/core/tensor.js';
import { formatNpz } from '../../src/data/npz.js';
import { formatSafetensors } from '../../src/data/safetensors.js';

/** Leaves of a command that printed `json` and wrote these files. */
function leaves(json: unknown, files: Readonly<Record<string, string | Uint8Array>> = {}): Leaves {
  const folder = mkdtempSync(join(tmpdir(), 'fim-leaves-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return leavesOf({ code: 0, stdout: JSON.stringify(json) }, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const npz = (...data: number[]) =>
  formatNpz(new Map([['a', tensor('float64', [data.length], Float64Array.from(data))]]));

it('one bit of a number or of an array is a difference, in its relative size', () => {
  const before = leaves({ trace: 2 }, { 'a.npz': npz(1, -4) });
  expect(equal(compare(before, leaves({ trace: 2 }, { 'a.npz': npz(1, -4) })))).toBe(true);
  const number = compare(before, leaves({ trace: 2 + 2 ** -51 }, { 'a.npz': npz(1, -4) }));
  expect(number.changed.map((one) => one.path)).toEqual(['stdout:trace']);
  expect(number.worst).toBeCloseTo(2 ** -52, 20);
  const array = compare(before, leaves({ trace: 2 }, { 'a.npz': npz(1 + 2 ** -50, -4) }));
  expect(array.changed.map((one) => one.path)).toEqual(['a.npz:a']);
  expect(array.worst).toBe(2 ** -52);
  expect(equal(compare(leaves({ x: 0 }), leaves({ x: null })))).toBe(false);
  expect(equal(compare(leaves({}, { 'a.npz': npz(0) }), leaves({}, { 'a.npz': npz(-0) })))).toBe(false);
});

it('what is new is listed and is no difference; what is gone is one', () => {
  const before = leaves({ layers: [{ name: 'a', x: 1 }], notes: ['first'] });
  const more = {
    layers: [
      { name: 'b', x: 2 },
      { name: 'a', x: 1, y: 3 },
    ],
    notes: ['zeroth', 'first'],
    new: 4,
  };
  const result = compare(before, leaves(more, { 'new.csv': 'a\n1\n' }));
  expect(equal(result)).toBe(true);
  expect(result.added).toContain('stdout:layers[a].y');
  expect(result.added).toContain('new.csv:a');
  expect(result.added).toContain('stdout:notes["zeroth"]');
  expect(compare(before, leaves({ layers: [], notes: [] })).removed).toContain('stdout:layers[a].x');
});

it('clocks and paths are masked, but must be there', () => {
  const before = leaves({ seconds: 1, file: 'here', x: 1 }, { 'progress.csv': 'kl,seconds\n1,2\n' });
  const later = leaves({ seconds: 2, file: 'there', x: 1 }, { 'progress.csv': 'kl,seconds\n1,3\n' });
  expect(equal(compare(before, later))).toBe(true);
  expect(compare(before, leaves({ file: '', x: 1 }, { 'progress.csv': 'kl\n1\n' })).removed).toEqual([
    'stdout:seconds',
    'progress.csv:seconds',
  ]);
});

it('reads columns and safetensors', () => {
  const read = leaves(
    {},
    {
      'a.csv': 'name,x\nu,1\nv,\n',
      'a.safetensors': formatSafetensors(
        new Map([['w', tensor('float32', [1, 2], Float32Array.of(0.5, 3))]]),
      ),
    },
  );
  expect(read.get('a.csv:name')).toBe('u\nv');
  expect(read.get('a.csv:x')).toMatchObject({ shape: [2], data: [1, NaN] });
  expect(read.get('a.safetensors:w')).toMatchObject({ dtype: 'float32', shape: [1, 2], data: [0.5, 3] });
});
