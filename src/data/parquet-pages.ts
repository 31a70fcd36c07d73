/**
 * @module data/parquet-pages
 *
 * The values of a column, read page by page: what is held of it is one page, however many rows there are and however they are grouped.
 * Every value must be there, and every list as long as the first one.
 */
import { python } from '../core/shell.js';
import { FimError } from '../core/errors.js';
import type { TypedArray } from '../core/tensor.js';
import { bytesAt, type ByteSource } from './byte-source.js';
import {
  damaged,
  decoding,
  type Decoder,
  type PageHeader,
  type ParquetCodec,
  type Values,
} from './parquet-codec.js';
import type { ParquetColumn } from './parquet-columns.js';
import type { Chunk, Footer } from './parquet-footer.js';

/** Bytes read at first for the head of a page. */
const HEAD = 1 << 10;
/** Values and bytes of a page, at most. */
const LONGEST_PAGE = 1 << 25;
const LARGEST_PAGE = 1 << 30;

/** What a column is read from. */
export interface ColumnSource {
  readonly source: ByteSource;
  readonly where: string;
  readonly codec: ParquetCodec;
  readonly footer: Footer;
}

interface Page {
  readonly values: Values;
  /** Levels that say where a list begins (0); empty where rows are single values. */
  readonly repetition: readonly number[];
}

/** Arrays of numbers that float64 holds exactly. */
const NUMBERS = [Float64Array, Float32Array, Int32Array, Uint32Array];

const holdsAll = (out: TypedArray, values: Values): boolean =>
  out instanceof Float64Array || out.constructor === values.constructor;

/** Whether the counts of a page of values are whole numbers that fit it, and at most `left` values. */
function sound(header: PageHeader, left: number): boolean {
  const { data_page_header: one, data_page_header_v2: two, compressed_page_size: bytes } = header;
  const facts = header.type === 'DATA_PAGE_V2' ? two : header.type === 'DATA_PAGE' ? one : undefined;
  const upTo = (value: number, most: number): boolean =>
    Number.isInteger(value) && value >= 0 && value <= most;
  if (!facts || !upTo(facts.num_values, Math.min(left, LONGEST_PAGE)) || typeof facts.encoding !== 'string') {
    return false;
  }
  if (facts !== two) return true;
  const levels = two.definition_levels_byte_length + two.repetition_levels_byte_length;
  return (
    upTo(two.num_nulls, two.num_values) &&
    upTo(two.definition_levels_byte_length, bytes) &&
    upTo(levels, Math.min(bytes, header.uncompressed_page_size))
  );
}

/** Goes through a column once, from its first row to its last. Throws `parquet/…` as it goes. */
export class ColumnCursor {
  /** Values of a row: 1, or the length of the first list. */
  readonly width: number;
  private readonly pages: Iterator<Page, undefined>;
  private readonly called: string;
  private page: Page | undefined;
  private at = 0;
  private done = 0;
  private buffer = new Uint8Array(0);

  constructor(
    private readonly from: ColumnSource,
    private readonly column: ParquetColumn,
  ) {
    this.called = `${from.where}: column ${column.name}`;
    this.pages = this.all();
    this.page = this.pages.next().value;
    this.width = column.list ? this.firstLength() : 1;
    this.checkLists(this.page?.repetition ?? [], 0);
  }

  /** Writes the values of `rows` rows: value k of row r to out[r·stride + offset + k]. */
  fill(rows: number, out: TypedArray, offset: number, stride: number): void {
    const { width } = this;
    this.take(rows * width, (values, from, count, k) => {
      if (stride === width && values.constructor === out.constructor) {
        (out as Float64Array).set((values as Float64Array).subarray(from, from + count), k);
        return;
      }
      if (width === 1 && NUMBERS.some((numbers) => values instanceof numbers) && holdsAll(out, values)) {
        const [numbers, to] = [values as Float64Array, out as Float64Array];
        for (let i = 0, at = k * stride + offset; i < count; i++, at += stride) to[at] = numbers[from + i];
        return;
      }
      for (let i = 0; i < count; i++, k++) {
        const place = Math.floor(k / width) * stride + offset + (k % width);
        this.put(out, place, (values as readonly unknown[])[from + i], k / width);
      }
    });
  }

  /** The values of `rows` rows as text. */
  words(rows: number): string[] {
    const out: string[] = [];
    this.take(rows * this.width, (values, from, count) => {
      for (let i = 0; i < count; i++) out.push(String((values as readonly unknown[])[from + i]));
    });
    return out;
  }

  private take(count: number, use: (values: Values, from: number, count: number, at: number) => void): void {
    for (let k = 0; k < count;) {
      if (this.page === undefined)
        throw damaged(this.called, `${this.row(k)} rows of ${this.from.footer.rows}`);
      const { values } = this.page;
      const some = Math.min(count - k, values.length - this.at);
      use(values, this.at, some, k);
      this.at += some;
      k += some;
      if (this.at < values.length) continue;
      this.page = this.pages.next().value;
      this.at = 0;
    }
    this.done += count;
  }

  /** One number into an array of another type, exactly. */
  private put(out: TypedArray, place: number, value: unknown, row: number): void {
    if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'boolean') {
      throw damaged(this.called, `a value that is none in row ${this.row(row * this.width)}`);
    }
    if (out instanceof BigInt64Array) {
      const whole = BigInt(value);
      out[place] = whole;
      if (out[place] !== whole) throw this.outOfRange(value, row);
      return;
    }
    out[place] = Number(value);
    const inexact = typeof value === 'bigint' && !Number.isSafeInteger(Number(value));
    const cut = !(out instanceof Float64Array || out instanceof Float32Array) && out[place] !== Number(value);
    if (inexact || cut) throw this.outOfRange(value, row);
  }

  private row(values: number): number {
    return Math.floor((this.done + values) / this.width);
  }

  private outOfRange(value: unknown, row: number): FimError {
    return new FimError({
      code: 'parquet/range',
      where: this.called,
      rule: 'whole numbers lie in the range of their type, and up to 2⁵³ where they are inputs beside other numbers',
      got: `${String(value)} in example ${this.row(Math.floor(row) * this.width)}`,
      next: 'leave the column out, or save it as numbers of double precision',
    });
  }

  /** Length of the first list, by the levels of the first page. */
  private firstLength(): number {
    const { repetition } = this.page ?? { repetition: [] as readonly number[] };
    const second = repetition.indexOf(0, 1);
    if (second > 0) return second;
    const first = this.from.footer.groups
      .map((group) => group[this.column.leaf])
      .find(({ rows }) => rows > 0);
    return first ? Math.max(1, Math.round(first.values / first.rows)) : 1;
  }

  /** All pages, each checked to go on where the one before ended. */
  private *all(): Generator<Page, undefined> {
    const { footer } = this.from;
    let position = 0;
    let rows = 0;
    for (const group of footer.groups) {
      const chunk = group[this.column.leaf];
      if (!this.column.list && chunk.values !== chunk.rows) {
        throw damaged(this.called, `${chunk.values} values in ${chunk.rows} rows`);
      }
      for (const page of this.chunk(chunk, () => rows)) {
        // The first page tells the width that it is held against afterwards.
        if (position > 0) this.checkLists(page.repetition, position);
        yield page;
        position += page.values.length;
        rows = Math.floor(position / this.width);
      }
      if (position % this.width !== 0) throw this.ragged(rows);
    }
    return undefined;
  }

  /** Lists begin where they should: every `width` values. */
  private checkLists(repetition: readonly number[], position: number): void {
    const { width } = this;
    for (let i = 0; i < repetition.length; i++) {
      if ((repetition[i] === 0) !== ((position + i) % width === 0)) {
        throw this.ragged(Math.floor((position + i) / width) - (repetition[i] === 0 ? 0 : 1));
      }
    }
  }

  private ragged(row: number): FimError {
    return new FimError({
      code: 'parquet/ragged',
      where: this.called,
      rule: `the lists of a column are equally long, ${this.width} numbers as the first one`,
      got: `another length in example ${row}`,
      next: 'pad the lists to one length before saving',
    });
  }

  /** The pages of one column of one row group. */
  private *chunk(chunk: Chunk, row: () => number): Generator<Page> {
    const { codec, where } = this.from;
    const { path } = this.column;
    const { element } = path[path.length - 1];
    const decoder: Decoder = {
      pathInSchema: path.slice(1).map((node) => node.element.name),
      element,
      schemaPath: path,
      type: element.type,
      codec: chunk.codec,
      parsers: codec.DEFAULT_PARSERS,
      compressors: codec.compressors ?? undefined,
    };
    this.requireCodec(chunk.codec);
    let dictionary: Values | undefined;
    let left = chunk.values;
    for (let at = chunk.start; left > 0;) {
      const { header, start } = this.head(at, chunk.start + chunk.bytes);
      const packed = this.packed(header, start);
      at = start + packed.length;
      const page = decoding(this.called, () => {
        if (header.type === 'DICTIONARY_PAGE') {
          const { num_values: count = 0 } = header.dictionary_page_header ?? {};
          const plain = codec.decompressPage(
            packed,
            header.uncompressed_page_size,
            decoder.codec,
            decoder.compressors,
          );
          const reader = { view: new DataView(plain.buffer, plain.byteOffset, plain.length), offset: 0 };
          if (!Number.isInteger(count) || count < 0 || count > LONGEST_PAGE)
            throw damaged(where, `a dictionary of ${count} values`);
          dictionary = codec.convert(
            codec.readPlain(reader, decoder.type, count, element.type_length),
            decoder,
          );
          return null;
        }
        if (header.type === 'INDEX_PAGE') return null;
        const v2 = header.type === 'DATA_PAGE_V2' ? header.data_page_header_v2 : undefined;
        const facts = v2 ?? header.data_page_header;
        if (facts === undefined || !sound(header, left)) {
          throw damaged(this.called, `a page of ${facts?.num_values ?? 'no'} values where ${left} are left`);
        }
        const plain = v2
          ? codec.readDataPageV2(packed, header, decoder)
          : codec.readDataPage(
              codec.decompressPage(packed, header.uncompressed_page_size, decoder.codec, decoder.compressors),
              facts,
              decoder,
            );
        this.requireAll(plain.definitionLevels, plain.repetitionLevels, row());
        const values = codec.convertWithDictionary(plain.dataPage, dictionary, facts.encoding, decoder);
        if (values.length !== facts.num_values) {
          throw damaged(this.called, `${values.length} values in a page of ${facts.num_values}`);
        }
        return { values, repetition: plain.repetitionLevels };
      });
      if (page === null || page.values.length === 0) continue;
      left -= page.values.length;
      yield page;
    }
  }

  /** The head of the page at `at`, and where its bytes begin. */
  private head(at: number, end: number): { readonly header: PageHeader; readonly start: number } {
    const { source, codec } = this.from;
    for (let length = HEAD; ; length *= 16) {
      const some = bytesAt(source, at, Math.max(0, Math.min(length, end - at)));
      const reader = { view: new DataView(some.buffer, some.byteOffset, some.length), offset: 0 };
      let header;
      try {
        header = codec.parquetHeader(reader);
      } catch (error) {
        if (at + length < end) continue;
        throw damaged(this.called, `no head of a page at byte ${at}`, error);
      }
      const { compressed_page_size: bytes, uncompressed_page_size: unpacked } = header;
      const start = at + reader.offset;
      const whole = Number.isInteger(bytes) && Number.isInteger(unpacked);
      if (!(whole && bytes >= 0 && start + bytes <= end && unpacked >= 0 && unpacked <= LARGEST_PAGE)) {
        throw damaged(this.called, `a page of ${bytes} bytes, ${unpacked} unpacked, at byte ${at}`);
      }
      return { header, start };
    }
  }

  /** The bytes of a page, valid until the next one is read; a dictionary's stay. */
  private packed({ type, compressed_page_size: length }: PageHeader, start: number): Uint8Array {
    const { source } = this.from;
    if (source.memory || type === 'DICTIONARY_PAGE') return bytesAt(source, start, length);
    if (this.buffer.length < length) this.buffer = new Uint8Array(length);
    const bytes = this.buffer.subarray(0, length);
    source.read(start, bytes);
    return bytes;
  }

  private requireCodec(name: string): void {
    if (['UNCOMPRESSED', 'SNAPPY'].includes(name) || this.from.codec.compressors) return;
    throw new FimError({
      code: 'parquet/compressors',
      kind: 'unsupported',
      where: this.from.where,
      rule: `a Parquet file packed by ${name} needs the package hyparquet-compressors, which is optional and not installed`,
      next: 'npm install hyparquet-compressors@1',
    });
  }

  /** Throws `parquet/missing` unless every value is there. */
  private requireAll(
    definition: readonly number[] | undefined,
    repetition: readonly number[],
    row: number,
  ): void {
    if (!definition || definition.length === 0) return;
    const most = this.column.path
      .slice(1)
      .filter(({ element }) => element.repetition_type !== 'REQUIRED').length;
    const first = definition.findIndex((level) => level !== most);
    if (first < 0) return;
    const begun = this.column.list
      ? repetition.slice(0, first + 1).filter((level) => level === 0).length - 1
      : first;
    throw new FimError({
      code: 'parquet/missing',
      where: this.called,
      rule: 'every value must be there; a missing one is not filled in',
      got: `a missing value, or an empty list, in example ${row + begun}`,
      next: `remove the row, or fill it: ${python`import pandas as pd; pd.read_parquet(${this.from.where}).dropna().to_parquet('complete.parquet', index=False)`}`,
    });
  }
}
