/** One process a folder, and no lock outlives its process. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clearLocks, lockFolder } from './lock.js';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'fim-lock-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('lockFolder', () => {
  it('is held once in a process, and given back', () => {
    const unlock = lockFolder(root);
    expect(readdirSync(root)).toEqual([`.lock.${process.pid}`]);
    expect(() => lockFolder(root)).toThrow('already writes');
    expect(() => lockFolder(`${root}/../${basename(root)}`)).toThrow('already writes');
    unlock();
    unlock();
    expect(readdirSync(root)).toEqual([]);
    lockFolder(root)();
  });

  it('is refused while another process lives, and taken over once that is killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const theirs = join(root, `.lock.${Number(child.pid)}`);
    writeFileSync(theirs, '');
    expect(() => lockFolder(root)).toThrow(`process ${Number(child.pid)} writes it`);
    expect(readdirSync(root)).toEqual([`.lock.${Number(child.pid)}`]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const unlock = lockFolder(root);
    expect(existsSync(theirs)).toBe(false);
    unlock();
  });

  it('is taken over from a process that ended, whatever it wrote', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    for (const began of ['', '12345', 'x']) {
      writeFileSync(join(root, `.lock.${pid}`), began);
      lockFolder(root)();
      expect(readdirSync(root)).toEqual([]);
    }
  });

  it('of a process that ended is removed from a folder that is only read; one of a living process is not', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    const unlock = lockFolder(root);
    for (const name of [`.lock.${pid}`, '.lock.x', 'lock.1']) writeFileSync(join(root, name), '1');
    clearLocks(root);
    expect(readdirSync(root).sort()).toEqual([`.lock.${process.pid}`, '.lock.x', 'lock.1']);
    unlock();
  });

  it('is taken over where the number belongs to a process that began at another moment', () => {
    if (!existsSync('/proc/self/stat')) return expect(process.platform).not.toBe('linux');
    // This process's number, and its parent's, as one that died before they began would have left them.
    for (const pid of [process.pid, process.ppid]) writeFileSync(join(root, `.lock.${pid}`), '1');
    const unlock = lockFolder(root);
    expect(readdirSync(root)).toEqual([`.lock.${process.pid}`]);
    const began = readFileSync(join(root, `.lock.${process.pid}`), 'utf8');
    expect(Number(began)).toBeGreaterThan(1);
    unlock();
    // The same number and moment: another thread of this process holds it.
    writeFileSync(join(root, `.lock.${process.pid}`), began);
    expect(() => lockFolder(root)).toThrow('already writes');
  });
});
