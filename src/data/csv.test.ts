import { describe, expect, it } from 'vitest';
import { complaintOf, cuts, flips, survives } from '../../test/fixtures/data/index.js';
import { parseCsv } from './csv.js';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const parse = (text: string, ...targets: string[]) => parseCsv(bytes(text), 'data.csv', targets);
const refuse = (text: string, ...targets: string[]) => complaintOf(() => parse(text, ...targets));

describe('parseCsv', () => {
  it('reads inputs in the file’s order and integer classes', () => {
    const table = parse('a,label,b\n1,0,2.5\n-3e2,2,.5\n+7,1,0\n', 'label');
    expect(table.inputColumns).toEqual(['a', 'b']);
    expect(table.x).toEqual({
      dtype: 'float64',
      shape: [3, 2],
      data: Float64Array.of(1, 2.5, -300, 0.5, 7, 0),
    });
    expect(table.targets).toEqual({ dtype: 'int64', shape: [3], data: BigInt64Array.of(0n, 2n, 1n) });
  });

  it('reads real targets, and several in the order they are named', () => {
    expect(parse('a,y\n1,0\n2,1.0\n', 'y').targets).toEqual({
      dtype: 'float64',
      shape: [2],
      data: Float64Array.of(0, 1),
    });
    expect(parse('a,y\n1,0.5\n2,1\n', 'y').targets!.dtype).toBe('float64');
    expect(parse('a,y\n1,1\n2,99999999999999999999\n3,1\n', 'y').targets!.dtype).toBe('float64');
    expect(parse('s,a,t\n0,9,1\n1,8,1\n', 't', 's').targets).toEqual({
      dtype: 'int64',
      shape: [2, 2],
      data: BigInt64Array.of(1n, 0n, 1n, 1n),
    });
    expect(parse('a,b\n1,2\n').targets).toBeNull();
  });

  it('reads quotes, spaces, any line ending, a byte-order mark, and a last line without an end', () => {
    const expected = parse('a,"b, c"\n1,2\n3,4\n');
    expect(expected.inputColumns).toEqual(['a', 'b, c']);
    for (const text of [
      '\ufeffa,"b, c"\n1,2\n3,4',
      'a,"b, c"\r\n1,2\r\n3,4\r\n',
      'a,"b, c"\r1,2\r3,4\r',
      ' a ,"b, c"\n"1",2\n3, 4 \n\n\n',
      'a,"b, c"\n"1","2"\n"3","4"\n  \n',
    ]) {
      expect(parse(text)).toEqual(expected);
    }
    expect(parse('"say ""x""\nand more",b\n1,2\n').inputColumns).toEqual(['say "x"\nand more', 'b']);
  });

  it('reads every finite double that JavaScript writes, exactly', () => {
    const values = [0.1, -1e-300, 1.7976931348623157e308, 5e-324, 123456789.12345679, -0];
    expect([
      ...parse(`a\n${values.map((v) => (Object.is(v, -0) ? '-0' : String(v))).join('\n')}\n`).x.data,
    ]).toEqual(values);
  });

  it('names row, line and column of a missing cell', () => {
    for (const word of ['', 'NaN', 'NA', 'null', '?', ' ']) {
      const error = refuse(`"two\nlines",b\n1,2\n3,${word}\n`);
      expect(error.code).toBe('csv/missing');
      expect(error.complaint.where).toBe('data.csv: row 2 (line 4), column 2 "b"');
      expect(error.complaint.next).toContain('dropna');
      expect(error.exitCode).toBe(3);
    }
  });

  it('refuses what is not a finite number', () => {
    expect(refuse('a,b\n1,inf\n').code).toBe('csv/not-finite');
    expect(refuse('a,b\n1,-Infinity\n').code).toBe('csv/not-finite');
    expect(refuse('a,b\n1,1e999\n').code).toBe('csv/not-finite');
    for (const word of ['0x10', '1_000', '12 000', '1.2.3', '2024-01-01', 'e5', '.', '"1,5"']) {
      const error = refuse(`a,b\n1,${word}\n`);
      expect(`${word} ${error.code}`).toBe(`${word} csv/not-a-number`);
      expect(error.complaint.next).toContain("`targetColumn: 'b'`");
    }
  });

  it('refuses names of classes and lists them', () => {
    const error = refuse('a,species\n1,setosa\n2,virginica\n3,setosa\n', 'species');
    expect(error.code).toBe('csv/class-names');
    expect(error.complaint.got).toBe(`"setosa" (the column's names: setosa, virginica)`);
    expect(error.complaint.next).toContain("`classes: ['setosa', 'virginica']`");
  });

  it('refuses rows of the wrong length and blank lines inside', () => {
    const error = refuse('a,b\n1,2\n1,2,3\n');
    expect(error.code).toBe('csv/width');
    expect(error.complaint.where).toBe('data.csv: row 2 (line 3)');
    expect(error.complaint.got).toBe('3 cells');
    expect(refuse('a,b\n1,2\n\n3,4\n').complaint.got).toBe('a blank line');
    expect(refuse('a,b\n1,2\n3\n').complaint.got).toBe('1 cells');
  });

  it('refuses headers that are not one', () => {
    const got = (text: string) => {
      const error = refuse(text);
      expect(error.code).toBe('csv/header');
      return error.complaint;
    };
    expect(got('1,2,3\n4,5,6\n').next).toBe("sed -i '1i x1,x2,x3' data.csv");
    expect(got(',a,b\n0,1,2\n').next).toContain('index=False');
    expect(got('a,b,\n1,2,\n').got).toBe('column 3 without a name');
    expect(got('a,b,a\n1,2,3\n').got).toBe('two columns named "a"');
    expect(got('a;b\n1,5;2\n').cause).toContain('semicolons');
    expect(got('a\tb\n1\t2\n').cause).toContain('tabs');
    expect(got('\n\n').got).toBe('no names');
  });

  it('refuses target columns that are not there, twice, or all of them', () => {
    const error = refuse('a,b\n1,2\n', 'label');
    expect(error.code).toBe('csv/target-column');
    expect(error.complaint.got).toBe('the columns a, b');
    expect(error.complaint.next).toBe("`targetColumn: 'b'`");
    expect(refuse('a,b\n1,2\n', 'b', 'b').code).toBe('csv/target-column');
    expect(refuse('a,b\n1,2\n', 'b', 'a').code).toBe('csv/target-column');
  });

  it('refuses an empty table, open quotes, and binary files', () => {
    expect(refuse('a,b\n').code).toBe('csv/no-rows');
    expect(refuse('a,b\n1,"2\n').code).toBe('csv/quote');
    expect(refuse('a,b\n1,"2"x\n').code).toBe('csv/quote');
    expect(refuse('a\0b\n').code).toBe('csv/not-text');
  });

  it('survives every cut and every changed byte', () => {
    const good = bytes('a,"b ""c""",y\r\n1,2.5,0\r\n"-3",4e-2,1\r\n');
    const read = (copy: Uint8Array) => parseCsv(copy, 'data.csv', ['y']);
    expect(survives(cuts(good), read)).toBeGreaterThan(20);
    expect(survives(flips(good), read)).toBeGreaterThan(20);
  });

  it('grows beyond its first buffer', () => {
    const n = 5000;
    const text = `a,b\n${Array.from({ length: n }, (_, i) => `${i},${-i / 4}`).join('\n')}`;
    const { x } = parse(text);
    expect(x.shape).toEqual([n, 2]);
    expect(x.data.every((v, k) => v === (k % 2 === 0 ? k / 2 : -(k - 1) / 8))).toBe(true);
  });
});
