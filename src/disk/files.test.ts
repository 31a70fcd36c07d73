import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { complaintOf } from '../../test/fixtures/data/index.js';
import { readBytes, sha256, writeAtomic } from './files.js';
import { packageFolder } from './package-folder.js';
import { exists, isFolder, makeFolder } from './paths.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fim-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('readBytes', () => {
  it('gives the bytes', () => {
    writeFileSync(join(folder, 'a'), 'abc');
    expect(readBytes(join(folder, 'a'))).toEqual(Uint8Array.of(97, 98, 99));
  });

  it('says that a file is missing, and what is there instead', () => {
    writeFileSync(join(folder, 'digits.npz'), 'x');
    writeFileSync(join(folder, 'digits.csv'), 'x');
    const error = complaintOf(() => readBytes(join(folder, 'digit.npz')));
    expect(error.code).toBe('file/missing');
    expect(error.exitCode).toBe(3);
    expect(error.complaint.where).toBe(join(folder, 'digit.npz'));
    expect(error.complaint.next).toBe(`${folder} holds digits.npz`);
    const nowhere = complaintOf(() => readBytes(join(folder, 'none', 'digit.npz')));
    expect(nowhere.complaint.got).toBe(`no such folder as ${join(folder, 'none')}`);
    expect(complaintOf(() => readBytes(join(folder, 'digits.npz', 'x'))).code).toBe('file/missing');
  });

  it('says that it is a folder, that it is empty', () => {
    writeFileSync(join(folder, 'empty.npz'), '');
    const error = complaintOf(() => readBytes(folder));
    expect(error.code).toBe('file/folder');
    expect(error.complaint.next).toContain('empty.npz');
    expect(complaintOf(() => readBytes(join(folder, 'empty.npz'))).code).toBe('file/empty');
  });
});

describe('writeAtomic', () => {
  it('writes, replaces, and leaves nothing else behind', () => {
    const path = join(folder, 'a.npz');
    writeAtomic(path, Uint8Array.of(1, 2, 3));
    writeAtomic(path, Uint8Array.of(4));
    expect([...readFileSync(path)]).toEqual([4]);
    writeAtomic(join(folder, 'empty'), new Uint8Array(0));
    expect(readdirSync(folder).sort()).toEqual(['a.npz', 'empty']);
  });

  it('writes exactly the view, not the buffer behind it', () => {
    writeAtomic(join(folder, 'a'), Uint8Array.of(1, 2, 3, 4).subarray(1, 3));
    expect([...readFileSync(join(folder, 'a'))]).toEqual([2, 3]);
  });

  it('writes through a symbolic link', () => {
    writeFileSync(join(folder, 'real'), 'old');
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    writeAtomic(join(folder, 'link'), Uint8Array.of(1));
    expect([...readFileSync(join(folder, 'real'))]).toEqual([1]);
    expect(readdirSync(folder).sort()).toEqual(['link', 'real']);
  });

  it('refuses a folder and a missing folder, leaving nothing', () => {
    mkdirSync(join(folder, 'out'));
    expect(complaintOf(() => writeAtomic(join(folder, 'out'), Uint8Array.of(1))).code).toBe('file/folder');
    const error = complaintOf(() => writeAtomic(join(folder, 'none', 'a.npz'), Uint8Array.of(1)));
    expect(error.code).toBe('file/no-folder');
    expect(error.complaint.next).toBe(`mkdir -p ${join(folder, 'none')}`);
    expect(readdirSync(folder)).toEqual(['out']);
  });

  it('removes the temporary file and keeps the old one when the write fails', () => {
    const path = join(folder, 'a.npz');
    writeFileSync(path, 'old');
    const broken = new Proxy(Uint8Array.of(1, 2, 3), {
      get: (target, key) => (key === 'length' ? target.length + 1e9 : (Reflect.get(target, key) as unknown)),
    });
    const error = complaintOf(() => writeAtomic(path, broken));
    expect(error.code).toBe('file/unwritable');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a.npz']);
  });

  it('is not disturbed by a temporary file that an earlier process left', () => {
    for (let i = 0; i < 40; i++) writeFileSync(join(folder, `.a.${process.pid}-${i}.tmp`), 'left');
    writeAtomic(join(folder, 'a'), Uint8Array.of(9));
    expect([...readFileSync(join(folder, 'a'))]).toEqual([9]);
    expect(readdirSync(folder)).toHaveLength(41);
  });
});

describe('sha256, exists, isFolder', () => {
  it('agree with the standard and with the disk', () => {
    expect(sha256(new TextEncoder().encode('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(sha256(new TextEncoder().encode('a'), new TextEncoder().encode('bc'))).toBe(
      sha256(new TextEncoder().encode('abc')),
    );
    expect([
      exists(folder),
      isFolder(folder),
      exists(join(folder, 'x')),
      isFolder(join(folder, 'x')),
    ]).toEqual([true, true, false, false]);
    const file = join(folder, 'file');
    writeFileSync(file, 'x');
    expect([exists(join(file, 'x')), isFolder(join(file, 'x'))]).toEqual([false, false]);
    expect(complaintOf(() => makeFolder(join(file, 'x'))).code).toBe('file/no-folder');
    if (process.platform === 'linux')
      expect(complaintOf(() => makeFolder('/proc/fim/a/b')).code).toBe('file/no-folder');
    expect(statSync(folder).isDirectory()).toBe(true);
  });
});

describe('packageFolder', () => {
  it('finds what is installed, beside fim or in the current folder, and nothing else', () => {
    expect(packageFolder('fflate')).toMatch(/node_modules[/\\]fflate$/);
    expect(packageFolder('no-such-package-at-all')).toBeNull();
    mkdirSync(join(folder, 'node_modules', 'only-here'), { recursive: true });
    writeFileSync(join(folder, 'node_modules', 'only-here', 'package.json'), '{"name":"only-here"}');
    expect(packageFolder('only-here')).toBeNull();
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect(packageFolder('only-here')).toContain('only-here');
    } finally {
      process.chdir(before);
    }
  });
});
