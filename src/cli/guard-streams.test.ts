import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { guardStreams } from './guard-streams.js';

/** A process of which a stream fails: what is written on standard error, and how it ends. */
function failing(stream: 'stdout' | 'stderr', code: string): { err: string; exits: number[] } {
  const seen = { err: '', exits: [] as number[] };
  const stdout = new EventEmitter();
  const stderr = Object.assign(new EventEmitter(), { write: (text: string) => (seen.err += text) });
  guardStreams({ stdout, stderr, exit: (n) => seen.exits.push(n) });
  const error = Object.assign(new Error(`${code}: broken, write`), { code });
  (stream === 'stdout' ? stdout : stderr).emit('error', error);
  return seen;
}

describe('streams that fail', () => {
  it('standard error: nothing ends', () => {
    for (const code of ['EPIPE', 'ENOSPC', 'EIO'])
      expect(failing('stderr', code)).toEqual({ err: '', exits: [] });
  });

  it('standard output: a reader that left is no failure, a full disk is bad input', () => {
    expect(failing('stdout', 'EPIPE')).toEqual({ err: '', exits: [0] });
    const full = failing('stdout', 'ENOSPC');
    expect(full.exits).toEqual([3]);
    expect(full.err).toBe(
      'error: standard output: could not be written\n  got:   ENOSPC: broken, write\n\nhint: free some disk space, or write to another disk\n',
    );
  });
});
