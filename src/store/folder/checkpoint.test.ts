/** A checkpoint comes back bit for bit or not at all. */
import { existsSync, linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FimError } from '../../core/errors.js';
import { openSafetensors } from '../../data/safetensors.js';
import { packCheckpoint, readCheckpoint, unpackCheckpoint, writeCheckpoint } from './checkpoint.js';
import type { Checkpoint } from './checkpoint.js';
import { identify } from './identity.js';

const root = mkdtempSync(join(tmpdir(), 'fim-checkpoint-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const checkpoint = (update: number): Checkpoint => ({
  header: {
    format: 1,
    ...identify('CartPole-v1', 'ppo', { seed: 3, name: 'größe' }),
    update,
    steps: 2048 * update,
    rows: update,
    lastRow: 2048 * update,
    offsets: { csv: 100, events: 200 },
    state: { note: 'x' },
  },
  arrays: {
    'store/w': Float32Array.of(1.1, -0, NaN, Infinity, 1e-45),
    'store/empty': new Float64Array(0),
    recent: Float64Array.of(Math.PI, 5e-324),
    collector: Uint8Array.from({ length: 13 }, (_, i) => 251 * i),
  },
});

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (error) {
    if (error instanceof FimError) return error.code;
    throw error;
  }
}

describe('packCheckpoint', () => {
  it('comes back as it was, in types and bits', () => {
    const saved = checkpoint(5);
    const bytes = packCheckpoint(saved);
    const { header, arrays } = unpackCheckpoint(bytes, 'test');
    expect(header).toEqual(saved.header);
    expect(Object.keys(arrays).sort()).toEqual(Object.keys(saved.arrays).sort());
    for (const [name, a] of Object.entries(saved.arrays)) {
      expect(arrays[name].constructor).toBe(a.constructor);
      expect(new Uint8Array(arrays[name].buffer)).toEqual(new Uint8Array(a.buffer));
    }
    expect(packCheckpoint({ header, arrays })).toEqual(bytes);
  });

  it('takes views into larger memory', () => {
    const memory = Float32Array.of(9, 1, 2, 9);
    const saved = { ...checkpoint(1), arrays: { w: memory.subarray(1, 3), b: Buffer.from('abc') } };
    const { arrays } = unpackCheckpoint(packCheckpoint(saved), 'test');
    expect(arrays).toEqual({ w: Float32Array.of(1, 2), b: Uint8Array.of(97, 98, 99) });
  });

  it('is a safetensors file', () => {
    expect(openSafetensors(packCheckpoint(checkpoint(5)), 'test').describe('store/w')).toEqual({
      name: 'store/w',
      dtype: 'float32',
      shape: [5],
    });
  });

  it('with any one bit flipped, or any end cut off, is refused or has the very same contents', () => {
    const saved = checkpoint(5);
    const whole = packCheckpoint(saved);
    let same = 0;
    for (let i = 0; i < whole.length; i++) {
      const bytes = whole.slice();
      bytes[i] ^= 1 << (i % 8);
      const code = codeOf(() => {
        expect(unpackCheckpoint(bytes, 'test')).toEqual(saved);
        same++;
      });
      expect(['none', 'run/checkpoint-damaged']).toContain(code);
      expect(codeOf(() => unpackCheckpoint(whole.subarray(0, i), 'test'))).toBe('run/checkpoint-damaged');
    }
    // Only padding may change: at most seven spaces to eight bytes, turned into other white space.
    expect(same).toBeLessThanOrEqual(7);
  });

  it('refuses what a later version wrote, by its number', () => {
    const { header, arrays } = checkpoint(1);
    const bytes = packCheckpoint({ header: { ...header, format: 2 }, arrays });
    expect(codeOf(() => unpackCheckpoint(bytes, 'test'))).toBe('run/checkpoint-format');
  });
});

describe('writeCheckpoint', () => {
  it('killed after the one before was kept, and called again, leaves nothing else', () => {
    const [path, previous] = ['d', 'd.prev'].map((name) => join(root, name));
    writeCheckpoint(path, previous, checkpoint(1));
    linkSync(path, previous);
    writeCheckpoint(path, previous, checkpoint(2));
    expect(readdirSync(root).filter((name) => name.startsWith('d'))).toEqual(['d', 'd.prev']);
    for (const name of [path, previous]) rmSync(name);
  });

  it('keeps the one before, and leaves nothing else', () => {
    const [path, previous] = [join(root, 'c'), join(root, 'c.prev')];
    for (const u of [1, 2, 3]) {
      writeCheckpoint(path, previous, checkpoint(u));
      expect(readCheckpoint(path).header.update).toBe(u);
      if (u === 1) expect(existsSync(previous)).toBe(false);
      else expect(readCheckpoint(previous).header.update).toBe(u - 1);
    }
    expect(readdirSync(root).sort()).toEqual(['c', 'c.prev']);
    writeFileSync(path, readFileSync(path).subarray(1));
    expect(() => readCheckpoint(path)).toThrow('put back a copy');
    expect(() => readCheckpoint(path, previous)).toThrow(`mv ${previous} ${path}`);
    expect(() => readCheckpoint(join(root, 'none'))).toThrow('must exist');
  });
});
