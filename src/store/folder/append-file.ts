/**
 * @module store/folder/append-file
 *
 * A file that only grows, with a known length in bytes: what a checkpoint remembers, and what a resumed run cuts the file back to.
 * Bytes reach the system at once, so that a watcher sees them and a killed process loses none; the disk has them after `flush`.
 * Cost: one system call an append, two to flush.
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { FimError } from '../../core/errors.js';

export class AppendFile {
  private handle: number | null;
  private length: number;

  /**
   * Opens `path`, cut to `offset` bytes; a file that is not there is made where `offset` is 0. Throws `run/log-short` for a file with
   * fewer bytes, which no kill leaves behind, and `run/log-unwritable`.
   */
  constructor(
    readonly path: string,
    offset: number,
  ) {
    this.length = offset;
    this.handle = attempt(path, () => openSync(path, offset === 0 ? 'w+' : 'r+'));
    const { size } = fstatSync(this.handle);
    if (size < offset) {
      this.close();
      throw new FimError({
        code: 'run/log-short',
        where: path,
        rule: `the checkpoint was written when this file had ${offset} bytes, and the run goes on behind them`,
        got: `${size} bytes`,
        cause: 'the file was edited, replaced or copied without its end',
        next: 'put the whole file back, or start again in another folder',
      });
    }
    attempt(path, () => ftruncateSync(this.handle as number, offset));
  }

  /** Bytes written so far. */
  get offset(): number {
    return this.length;
  }

  /** Throws `run/log-unwritable`; the offset then stands where it stood, and the next append writes over what was left. */
  append(bytes: Uint8Array): void {
    const handle = this.open();
    attempt(this.path, () => {
      for (let at = 0; at < bytes.length;) {
        at += writeSync(handle, bytes, at, bytes.length - at, this.length + at);
      }
    });
    this.length += bytes.length;
  }

  /** The first `count` bytes, or fewer where there are fewer. */
  head(count: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(count, this.length));
    const handle = this.open();
    const got = attempt(this.path, () => readSync(handle, bytes, 0, bytes.length, 0));
    return bytes.subarray(0, got);
  }

  /** Returns when the disk has every byte. */
  flush(): void {
    const handle = this.open();
    attempt(this.path, () => fsyncSync(handle));
  }

  close(): void {
    if (this.handle !== null) closeSync(this.handle);
    this.handle = null;
  }

  private open(): number {
    if (this.handle !== null) return this.handle;
    throw new FimError({
      code: 'internal/closed',
      kind: 'internal',
      where: this.path,
      rule: 'a closed log is not written',
    });
  }
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new FimError(
      {
        code: 'run/log-unwritable',
        where: path,
        rule: 'the log must be writable',
        got: error instanceof Error ? error.message : String(error),
        next: 'make room or rights, then run the same command again: it goes on from its last checkpoint',
      },
      { cause: error },
    );
  }
}
