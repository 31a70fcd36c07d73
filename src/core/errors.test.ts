import { describe, expect, it } from 'vitest';
import { FimError, type FimErrorKind, invariant } from './errors.js';

describe('FimError', () => {
  it('says where, which rule, what was got, why, and what next, a line each', () => {
    const e = new FimError({
      code: 'npz/truncated',
      where: 'data.npz',
      rule: 'a zip archive ends in its directory',
      got: '12 bytes',
      cause: 'the download was cut',
      next: 'curl -O https://example.org/data.npz',
    });
    expect(e.message).toBe(
      [
        'data.npz: a zip archive ends in its directory',
        '  got:   12 bytes',
        '  cause: the download was cut',
        '  next:  curl -O https://example.org/data.npz',
      ].join('\n'),
    );
    expect(e).toBeInstanceOf(Error);
    expect(e.name).toBe('FimError');
    expect(e.code).toBe('npz/truncated');
    expect(e.complaint.cause).toBe('the download was cut');
  });

  it('leaves out what is not known', () => {
    expect(new FimError({ code: 'a/b', where: 'w', rule: 'r' }).message).toBe('w: r');
    expect(new FimError({ code: 'a/b', where: 'w', rule: 'r', got: '' }).message).toBe('w: r\n  got:   ');
  });

  it('is bad input unless it says otherwise, and each kind has one exit code', () => {
    const codes: Record<FimErrorKind, number> = {
      'answer-no': 1,
      internal: 1,
      usage: 2,
      'bad-input': 3,
      unsupported: 3,
    };
    expect(new FimError({ code: 'a/b', where: 'w', rule: 'r' }).kind).toBe('bad-input');
    for (const [kind, code] of Object.entries(codes) as [FimErrorKind, number][]) {
      expect(new FimError({ code: 'a/b', kind, where: 'w', rule: 'r' }).exitCode).toBe(code);
    }
  });

  it('keeps the error behind it', () => {
    const cause = new RangeError('offset');
    expect(new FimError({ code: 'a/b', where: 'w', rule: 'r' }, { cause }).cause).toBe(cause);
  });
});

describe('invariant', () => {
  it('passes what holds and is our own fault where it does not', () => {
    expect(() => invariant(1, 'w', 'r')).not.toThrow();
    for (const falsy of [false, 0, null, undefined, '']) {
      try {
        invariant(falsy, 'planner', 'every buffer has a place');
        expect.unreachable();
      } catch (e) {
        expect(e).toBeInstanceOf(FimError);
        expect((e as FimError).code).toBe('internal/invariant');
        expect((e as FimError).kind).toBe('internal');
        expect((e as FimError).message).toBe('planner: every buffer has a place');
      }
    }
  });
});
