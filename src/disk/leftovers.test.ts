import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { writeAtomic } from './files.js';
import { clearAway, hearLeftovers, type Leftover } from './leftovers.js';

const folder = mkdtempSync(join(tmpdir(), 'fim-leftovers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => hearLeftovers(null));

describe('leftovers', () => {
  it('are told of while a file is written, and when it has its name', () => {
    const seen: [number, Leftover | null, string[]][] = [];
    hearLeftovers((key, what) => seen.push([key, what, readdirSync(folder)]));
    writeAtomic(join(folder, 'a'), Uint8Array.of(1));
    const [[key, what, then], after] = seen;
    expect(seen).toHaveLength(2);
    expect(then).toHaveLength(1);
    expect(what).toEqual({ remove: join(folder, then[0]) });
    expect(after).toEqual([key, null, ['a']]);
  });

  it('are removed, or said to count no more; what is gone or written already is left', () => {
    const [file, other] = [join(folder, 'file'), join(folder, 'released.1')];
    writeFileSync(file, '');
    clearAway({ remove: file });
    clearAway({ remove: file });
    clearAway({ write: other, text: 'one' });
    clearAway({ write: other, text: 'two' });
    clearAway({ write: join(folder, 'none', 'x'), text: '' });
    expect(existsSync(file)).toBe(false);
    expect(readFileSync(other, 'utf8')).toBe('one');
  });
});
