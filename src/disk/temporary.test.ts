import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeAtomic } from './files.js';
import { ownerOf, temporaryName } from './temporary.js';

const folder = mkdtempSync(join(tmpdir(), 'fim-temporary-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('temporary files', () => {
  it('of the dead are removed when their file is written, of the living and of other files they stay', () => {
    const { pid: gone } = spawnSync(process.execPath, ['--version']);
    const here = ownerOf(temporaryName('f', 0))!.machine;
    const dead = `.f.npz.${gone}-0.${here}.tmp`;
    const stay = [
      `.f.npz.${process.ppid}-0.${here}.tmp`,
      `.f.npz.${gone}-0.00000000.tmp`,
      `.g.npz.${gone}-0.${here}.tmp`,
      `f.npz.${gone}.tmp`,
    ];
    const old = `.f.npz.${gone}-3.ffffffff.tmp`;
    for (const name of [dead, old, ...stay]) writeFileSync(join(folder, name), 'x');
    const long = statSync(folder).mtimeMs / 1000 - 2 * 86_400;
    utimesSync(join(folder, old), long, long);
    writeAtomic(join(folder, 'f.npz'), Uint8Array.of(1));
    expect(readdirSync(folder).sort()).toEqual([...stay, 'f.npz'].sort());
  });

  it('names say whose they are', () => {
    expect(ownerOf(temporaryName('a.b-1.tmp', 3))).toMatchObject({ file: 'a.b-1.tmp', pid: process.pid });
    expect(ownerOf('.a.1-2.tmp')).toBeNull();
  });
});
