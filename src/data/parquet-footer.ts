/**
 * @module data/parquet-footer
 *
 * The footer of a Parquet file: its row groups with the places of their columns, checked against the file before anything is read.
 * Source: Apache Parquet, "File Format".
 */
import { FimError } from '../core/errors.js';
import { bytesAt, type ByteSource } from './byte-source.js';
import { damaged, decoding, type FileMetadata, type ParquetCodec } from './parquet-codec.js';

/** Whether the bytes begin as a Parquet file does. */
export const isParquet = (bytes: Uint8Array): boolean => textAt(bytes, 0) === 'PAR1';

/** Column c of row group g: where its pages lie and how many values they hold. */
export interface Chunk {
  readonly start: number;
  readonly bytes: number;
  readonly values: number;
  readonly rows: number;
  readonly codec: string;
}

/** A footer that fits its file. */
export interface Footer {
  readonly metadata: FileMetadata;
  /** Rows of all groups. */
  readonly rows: number;
  /** For each group its columns, in the order of the leaves of the schema. */
  readonly groups: readonly (readonly Chunk[])[];
}

/** Reads the footer. Throws `parquet/not-parquet`, `parquet/truncated` or `parquet/damaged`. */
export function readFooter(source: ByteSource, where: string, codec: ParquetCodec): Footer {
  const { size } = source;
  const head = bytesAt(source, 0, Math.min(4, size));
  const tail = bytesAt(source, Math.max(0, size - 8), Math.min(8, size));
  const end = textAt(tail, 4);
  if (!isParquet(head) || end === 'PARE') throw notParquet(where, end === 'PARE' ? end : textAt(head, 0));
  const length = size < 12 ? Infinity : new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  if (end !== 'PAR1' || length > size - 12) {
    throw new FimError({
      code: 'parquet/truncated',
      where,
      rule: 'a Parquet file ends with its footer, the length of that, and PAR1',
      got: end === 'PAR1' ? `a footer of ${length} bytes in a file of ${size}` : `${size} bytes without that`,
      cause: 'the file was cut off while it was written or copied',
      next: 'write or copy the file again',
    });
  }
  return decoding(where, () => {
    const metadata = codec.parquetMetadata(bytesAt(source, size - 8 - length, length + 8).slice());
    const leaves = metadata.schema.filter(({ num_children: children }) => !children).length;
    const groups = metadata.row_groups.map(({ columns, num_rows: rows }) => {
      if (columns.length !== leaves) throw damaged(where, `${columns.length} columns of ${leaves}`);
      return columns.map(({ meta_data: meta }) => {
        if (!meta) throw damaged(where, 'a column without its place');
        const dictionary = Number(meta.dictionary_page_offset ?? 0n);
        const data = Number(meta.data_page_offset);
        const start = dictionary > 0 ? Math.min(dictionary, data) : data;
        const bytes = Number(meta.total_compressed_size);
        if (!(start >= 4 && bytes >= 0 && start + bytes <= size - 8 - length)) {
          throw damaged(where, `a column at ${start}, ${bytes} bytes, in a file of ${size}`);
        }
        return { start, bytes, values: Number(meta.num_values), rows: Number(rows), codec: meta.codec };
      });
    });
    const rows = Number(metadata.num_rows);
    const sum = metadata.row_groups.reduce((all, group) => all + Number(group.num_rows), 0);
    if (!(rows >= 0 && rows < 2 ** 32) || sum !== rows) {
      throw damaged(where, `${rows} rows, and ${sum} in its groups`);
    }
    return { metadata, rows, groups };
  });
}

const textAt = (bytes: Uint8Array, from: number): string =>
  String.fromCharCode(...bytes.subarray(from, from + 4));

function notParquet(where: string, got: string): FimError {
  const encrypted = got === 'PARE';
  return new FimError({
    code: 'parquet/not-parquet',
    where,
    rule: encrypted ? 'encrypted Parquet files are not read' : 'a Parquet file begins with the bytes PAR1',
    got: got === '' ? 'no bytes' : JSON.stringify(got),
    ...(encrypted ? {} : { cause: 'another format under this name' }),
    next: "frame.to_parquet('data.parquet', index=False)",
  });
}
