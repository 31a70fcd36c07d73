/** A table whose numbers read back as they were. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Sequence } from '../../core/random.js';
import { parseCsv } from '../../data/csv.js';
import { seedOf } from '../../stats/ztest.js';
import { CsvLog, printCell } from './csv-log.js';

const root = mkdtempSync(join(tmpdir(), 'fim-csv-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A float64 of random bits. */
function anyNumber(random: Sequence): number {
  const words = Uint32Array.of(random.integer(2 ** 32), random.integer(2 ** 32));
  return new Float64Array(words.buffer)[0];
}

describe('printCell', () => {
  it('prints numbers that read back as the same bits', () => {
    const random = new Sequence(seedOf('printCell'), 'test');
    const numbers = [
      0,
      -0,
      5e-324,
      Number.MAX_VALUE,
      0.1 + 0.2,
      2 ** 53,
      NaN,
      Infinity,
      -Infinity,
      1e21,
      1e-7,
    ];
    for (let i = 0; i < 2000; i++) numbers.push(anyNumber(random));
    for (const n of numbers) expect(Object.is(Number(printCell(n)), n)).toBe(true);
  });

  it('quotes text only where it must', () => {
    expect(['a b', 'a,b', 'say "x"', 'a\nb', null].map(printCell)).toEqual([
      'a b',
      '"a,b"',
      '"say ""x"""',
      '"a\nb"',
      '',
    ]);
  });
});

describe('CsvLog', () => {
  it('is read back by the reader of tables, number for number', () => {
    const path = join(root, 'read.csv');
    const random = new Sequence(seedOf('CsvLog'), 'test');
    const rows = Array.from({ length: 300 }, (_, i) => {
      const value = anyNumber(random);
      return { steps: i, value: Number.isFinite(value) ? value : -0 };
    });
    const log = new CsvLog(path, ['steps', 'value']);
    for (const row of rows) log.append(row);
    log.flush();
    expect(log.offset).toBe(statSync(path).size);
    log.close();
    const { x, inputColumns } = parseCsv(readFileSync(path), path);
    expect(inputColumns).toEqual(['steps', 'value']);
    expect(x.data).toEqual(Float64Array.from(rows.flatMap((r) => [r.steps, r.value])));
  });

  it('goes on from an offset, half a row and more cut off', () => {
    const path = join(root, 'cut.csv');
    const log = new CsvLog(path, ['a', 'b']);
    log.append({ a: 1, b: null });
    const { offset } = log;
    log.append({ b: 3, a: 2 });
    log.close();
    const whole = readFileSync(path, 'utf8');
    expect(whole).toBe('a,b\n1,\n2,3\n');
    for (const tail of ['', '2,', '2,3\n9,9\n9']) {
      writeFileSync(path, whole.slice(0, offset) + tail);
      const again = new CsvLog(path, ['a', 'b'], offset);
      expect(again.offset).toBe(offset);
      again.append({ a: 2, b: 3 });
      again.close();
      expect(readFileSync(path, 'utf8')).toBe(whole);
    }
  });

  it('refuses another header with one clear error, and keeps the file open for nobody', () => {
    const path = join(root, 'header.csv');
    const log = new CsvLog(path, ['steps', 'kl']);
    log.append({ steps: 1, kl: 2 });
    log.close();
    const { offset } = log;
    for (const columns of [['steps', 'return'], ['steps'], ['steps', 'kl', 'seconds'], ['step', 's,kl']]) {
      expect(() => new CsvLog(path, columns, offset)).toThrow(
        `goes on has the columns ${columns.join(',')}\n  got:   steps,kl\n`,
      );
    }
    expect(readFileSync(path, 'utf8')).toBe('steps,kl\n1,2\n');
  });

  it('refuses rows that lack a column or have another, and writes nothing of them', () => {
    const log = new CsvLog(join(root, 'rows.csv'), ['a', 'b']);
    const { offset } = log;
    expect(() => log.append({ a: 1 })).toThrow('column b');
    expect(() => log.append({ a: 1, b: 2, c: 3 })).toThrow('without a column: c');
    expect(log.offset).toBe(offset);
    log.close();
    expect(() => log.append({ a: 1, b: 2 })).toThrow('closed');
  });

  it('refuses a file shorter than its offset, and a folder in its place', () => {
    const path = join(root, 'short.csv');
    new CsvLog(path, ['a']).close();
    expect(() => new CsvLog(path, ['a'], 100)).toThrow('when this file had 100 bytes');
    expect(readFileSync(path, 'utf8')).toBe('a\n');
    expect(() => new CsvLog(root, ['a'])).toThrow('must be writable');
  });
});
