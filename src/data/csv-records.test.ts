import { describe, expect, it } from 'vitest';
import type { FimError } from '../core/errors.js';
import { RecordReader } from './csv-records.js';

/** Every record with its line, and the complaint at the end if there is one. */
function read(parts: Iterable<string>) {
  const reader = new RecordReader(parts, 'a.csv');
  const records: unknown[] = [];
  try {
    for (let cells = reader.next(); cells !== null; cells = reader.next()) records.push([reader.line, cells]);
  } catch (error) {
    records.push((error as FimError).complaint);
  }
  return records;
}

function* inParts(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

describe('RecordReader', () => {
  it('reads text in parts of any size as it reads it whole', () => {
    for (const text of [
      'a,b\n1,2\n3,4\n',
      'a,b\r\n1,2\r\n3,4',
      'a,"b, ""c"""\r1,"2\r\n3"\r\n\n4,5\n \n\n',
      '"two\nlines",ü\n"1",2\n',
      'a,b\n1,"2\n',
      'a,b\n1,"2"x\n3,4\n',
      '',
      '\n\n',
    ]) {
      for (const size of [1, 2, 3, 5, 8]) expect(read(inParts(text, size))).toEqual(read([text]));
    }
  });
});
