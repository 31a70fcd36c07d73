/**
 * @module data/parquet-codec
 *
 * The parts of the package `hyparquet` that read a Parquet file by its pages, as whoever has it hands them over, and the refusals of what
 * is no such file or a damaged one.
 */
import { FimError } from '../core/errors.js';

/** An element of the schema: a column, or what groups some. */
export interface SchemaElement {
  readonly name: string;
  readonly type?: string;
  readonly type_length?: number;
  readonly repetition_type?: string;
  readonly num_children?: number;
  readonly converted_type?: string;
  readonly logical_type?: { readonly type: string; readonly bitWidth?: number; readonly isSigned?: boolean };
}

/** The schema as a tree. */
export interface SchemaTree {
  readonly element: SchemaElement;
  readonly children: readonly SchemaTree[];
}

/** What the footer says. */
export interface FileMetadata {
  readonly schema: readonly SchemaElement[];
  readonly num_rows: bigint;
  readonly row_groups: readonly {
    readonly num_rows: bigint;
    readonly columns: readonly {
      readonly meta_data?: {
        readonly codec: string;
        readonly num_values: bigint;
        readonly total_compressed_size: bigint;
        readonly data_page_offset: bigint;
        readonly dictionary_page_offset?: bigint;
      };
    }[];
  }[];
}

/** What is said of values of a page. */
export interface PageFacts {
  readonly num_values: number;
  readonly encoding: string;
}

/** The head of a page. */
export interface PageHeader {
  readonly type: string;
  readonly uncompressed_page_size: number;
  readonly compressed_page_size: number;
  readonly data_page_header?: PageFacts;
  readonly dictionary_page_header?: PageFacts;
  readonly data_page_header_v2?: PageFacts & {
    readonly num_nulls: number;
    readonly definition_levels_byte_length: number;
    readonly repetition_levels_byte_length: number;
  };
}

/** Values of one column, in whatever array their type takes. */
export type Values =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Uint8Array
  | BigInt64Array
  | BigUint64Array
  | unknown[];

/** A page with the levels of its values; none where nothing is missing, or no list begins. */
export interface DecodedPage {
  readonly dataPage: Values;
  readonly definitionLevels: readonly number[] | undefined;
  readonly repetitionLevels: readonly number[];
}

/** Bytes that are read from `offset` on, which moves. */
export interface Reader {
  readonly view: DataView;
  offset: number;
}

/** A column as its pages are decoded. */
export interface Decoder {
  readonly pathInSchema: readonly string[];
  readonly element: SchemaElement;
  readonly schemaPath: readonly SchemaTree[];
  readonly type: string | undefined;
  readonly codec: string;
  readonly parsers: unknown;
  readonly compressors: unknown;
}

/** What is used of `hyparquet`, and the decompressors of `hyparquet-compressors` where that is installed. */
export interface ParquetCodec {
  parquetMetadata(footer: Uint8Array): FileMetadata;
  parquetSchema(metadata: FileMetadata): SchemaTree;
  parquetHeader(reader: Reader): PageHeader;
  readDataPage(bytes: Uint8Array, facts: PageFacts, decoder: Decoder): DecodedPage;
  readDataPageV2(bytes: Uint8Array, header: PageHeader, decoder: Decoder): DecodedPage;
  decompressPage(bytes: Uint8Array, size: number, codec: string, compressors: unknown): Uint8Array;
  readPlain(reader: Reader, type: string | undefined, count: number, width: number | undefined): Values;
  convert(values: Values, decoder: Decoder): Values;
  convertWithDictionary(
    values: Values,
    dictionary: Values | undefined,
    encoding: string,
    decoder: Decoder,
  ): Values;
  readonly DEFAULT_PARSERS: unknown;
  /** By the names of codecs; null where there are none beside Snappy's. */
  readonly compressors: unknown;
}

/** `parquet/damaged`: what a file says of itself does not agree. */
export const damaged = (where: string, got: string, cause?: unknown): FimError =>
  new FimError(
    {
      code: 'parquet/damaged',
      where,
      rule: 'pages, counts and types of a Parquet file agree',
      got,
      cause: 'the file was changed after it was written, or copied in part',
      next: 'write or copy the file again',
    },
    { cause },
  );

/** Runs a part of the codec; whatever it throws of bytes that it cannot read is `parquet/damaged`. */
export function decoding<T>(where: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof FimError) throw error;
    throw damaged(where, error instanceof Error ? error.message : String(error), error);
  }
}
