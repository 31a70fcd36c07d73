/**
 * @module data/parquet-columns
 *
 * Columns of a Parquet file as arrays: a column of numbers is [N], one of lists of numbers, all equally long, [N, width]. Dates, text,
 * decimals and nested columns have no number to give, and say what they are.
 */
import type { DType } from '../core/tensor.js';
import { decoding, type FileMetadata, type ParquetCodec, type SchemaTree } from './parquet-codec.js';

/** A column. */
export interface ParquetColumn {
  readonly name: string;
  /** Place among the leaves of the schema, and so in every row group. */
  readonly leaf: number;
  /** Schema elements from the root to the leaf. */
  readonly path: readonly SchemaTree[];
  /** Whether a row holds a list of values. */
  readonly list: boolean;
  /** Type of its numbers; null where it has none. */
  readonly dtype: DType | null;
  /** What it holds, in words: `float64`, `text`, `a date`. */
  readonly word: string;
}

/** The columns of a file in its order. Throws `parquet/damaged`. */
export function columnsOf(
  metadata: FileMetadata,
  where: string,
  codec: ParquetCodec,
): readonly ParquetColumn[] {
  return decoding(where, () => {
    const root = codec.parquetSchema(metadata);
    let leaf = 0;
    return root.children.map((top) => {
      const column = columnOf(root, top, leaf);
      leaf += leavesOf(top);
      return column;
    });
  });
}

const leavesOf = ({ children }: SchemaTree): number =>
  children.length === 0 ? 1 : children.reduce((sum, child) => sum + leavesOf(child), 0);

function columnOf(root: SchemaTree, top: SchemaTree, leaf: number): ParquetColumn {
  const path = [root, top];
  for (let at = top; at.children.length === 1; path.push(at)) [at] = at.children;
  const last = path[path.length - 1];
  const repeated = path.filter(({ element }) => element.repetition_type === 'REPEATED').length;
  const { name } = top.element;
  if (last.children.length > 0 || repeated > 1 || (repeated === 0 && path.length > 2)) {
    const word = repeated > 1 ? 'lists' : 'records';
    return { name, leaf, path, list: repeated > 0, dtype: null, word };
  }
  const kind = kindOf(last);
  return { name, leaf, path, list: repeated === 1, ...kind };
}

type Kind = Pick<ParquetColumn, 'dtype' | 'word'>;

const number = (dtype: DType): Kind => ({ dtype, word: dtype });
const other = (word: string): Kind => ({ dtype: null, word });

/** Logical types that say that whole numbers or bytes are something else. */
const WORDS: Readonly<Record<string, string>> = {
  UTF8: 'text',
  STRING: 'text',
  ENUM: 'text',
  JSON: 'JSON',
  DECIMAL: 'decimals',
  DATE: 'dates',
  TIME: 'times',
  TIME_MILLIS: 'times',
  TIME_MICROS: 'times',
  TIMESTAMP: 'dates with times',
  TIMESTAMP_MILLIS: 'dates with times',
  TIMESTAMP_MICROS: 'dates with times',
  INTERVAL: 'intervals of time',
  UUID: 'UUIDs',
  NULL: 'nothing but missing values',
};

function kindOf({ element }: SchemaTree): Kind {
  const { type, converted_type: converted, logical_type: logical, type_length: length } = element;
  if (logical?.type === 'FLOAT16' && length === 2) return number('float32');
  const word = WORDS[logical?.type ?? ''] ?? WORDS[converted ?? ''];
  if (word !== undefined) return other(word);
  const narrow = logical?.type === 'INTEGER' ? logical : null;
  const bits = narrow?.bitWidth ?? Number(/_(8|16|32|64)$/.exec(converted ?? '')?.[1] ?? 0);
  const signed = narrow?.isSigned ?? converted?.startsWith('UINT') !== true;
  switch (type) {
    case 'BOOLEAN':
      return number('bool');
    case 'FLOAT':
      return number('float32');
    case 'DOUBLE':
      return number('float64');
    case 'INT32':
      if (bits === 8) return number(signed ? 'int8' : 'uint8');
      return number(bits === 32 && !signed ? 'int64' : 'int32');
    case 'INT64':
      return number('int64');
    case 'INT96':
      return other('dates with times');
    default:
      return other('bytes');
  }
}
