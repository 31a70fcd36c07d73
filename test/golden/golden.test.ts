/**
 * The committed outputs of bench/golden's cheap commands: fim’s own engine in float64 on plain SIMD kernels, to 1e-12. What changes a
 * number on purpose writes them again with `node bench/golden.mjs --write` and says so.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CHEAP, committedOf, differences, readCommitted } from '../../bench/golden/committed.mjs';
import { leavesOf } from '../../bench/golden/leaves.mjs';
import { fim } from '../cli/fim.js';

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));
const GOLDEN = join(FIXTURES, 'golden');

describe('golden outputs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fim-golden-'));
  const home = process.cwd();

  beforeAll(() => {
    vi.stubEnv('FIM_KERNELS', 'simd128');
    cpSync(join(FIXTURES, 'models'), join(folder, 'models'), { recursive: true });
  });
  afterAll(() => {
    process.chdir(home);
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  it('there is a file for each command, and no other', () => {
    const names = readdirSync(GOLDEN).map((file) => file.replace(/\.json$/, ''));
    expect(names.sort()).toEqual(CHEAP.map((command) => command.name).sort());
  });

  for (const { name, words } of CHEAP) {
    it(name, async () => {
      const inside = join(folder, name);
      mkdirSync(inside);
      process.chdir(inside);
      const { code, out } = await fim(words);
      const committed = readCommitted(GOLDEN, name);
      expect(committed, name).not.toBeNull();
      expect(differences(committed!, committedOf(leavesOf({ code, stdout: out }, inside)))).toEqual([]);
    });
  }
});

describe('differences', () => {
  const array = (...data: number[]) => ({ dtype: 'float64', shape: [data.length], data });
  const long = (change: number) =>
    committedOf(
      new Map([['a', array(...Array.from({ length: 50 }, (_, i) => Math.sin(i) + (i === 31 ? change : 0)))]]),
    );

  it('tells a change beyond 1e-12 and passes one below it', () => {
    expect(differences({ a: 1 }, { a: 1 + 1e-13 })).toEqual([]);
    expect(differences({ a: 1 }, { a: 1 + 1e-11 })).toHaveLength(1);
    expect(differences({ a: array(1e-20, 1) }, { a: array(2e-20, 1) })).toEqual([]);
    expect(differences({ a: array(1, 2) }, { a: array(1, 2 + 1e-10) })).toHaveLength(1);
  });

  it('tells one changed entry of a long array from its sums', () => {
    expect(differences(long(0), long(1e-14))).toEqual([]);
    expect(differences(long(0), long(1e-9))).toHaveLength(1);
  });

  it('tells what is gone, of another kind or not a number, and not what is new', () => {
    expect(differences({ a: 1, b: 'x' }, { b: 'y', c: 1 })).toHaveLength(2);
    expect(differences({ a: 1 }, { a: 1, c: 2 })).toEqual([]);
    expect(differences({ a: 'NaN' }, { a: 'NaN' })).toEqual([]);
    expect(differences({ a: 1 }, { a: 'NaN' })).toHaveLength(1);
    expect(differences({ a: array(1, 2) }, { a: array(1, 2, 3) })).toHaveLength(1);
  });
});
