/**
 * @module disk/parquet-package
 *
 * The package `hyparquet`, an optional peer that is loaded when a Parquet file is read, from beside fim or from the current folder, and
 * asked for by name where it is missing; with it `hyparquet-compressors` where that is installed.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { FimError } from '../core/errors.js';
import type { ParquetCodec } from '../data/parquet-codec.js';

/** Loads a module by its name. */
type Load = (name: string) => unknown;

/** The command that installs what is needed; its pages are read by parts of the package that one line of versions has. */
const INSTALL = 'npm install hyparquet@~1.33.0';
const PARTS = ['', '/src/column.js', '/src/datapage.js', '/src/plain.js', '/src/convert.js'];
const NEEDED = [
  'parquetMetadata',
  'parquetSchema',
  'parquetHeader',
  'readDataPage',
  'readDataPageV2',
  'decompressPage',
  'readPlain',
  'convert',
  'convertWithDictionary',
  'DEFAULT_PARSERS',
] as const;

let loaded: ParquetCodec | undefined;

/** The reader of Parquet's pages. Throws `parquet/package` where the package is missing, too old or too new. */
export function parquetCodec(load?: Load): ParquetCodec {
  if (load) return assembled(load);
  return (loaded ??= assembled(fromEither));
}

/** From beside fim, else from the current folder: fim itself may be installed globally. */
function fromEither(name: string): unknown {
  const [own, current] = [import.meta.url, join(process.cwd(), 'package.json')].map(createRequire);
  try {
    return own(name);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return current(name);
  }
}

const isMissing = (error: unknown): boolean =>
  ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes((error as { code?: string }).code ?? '');

function assembled(load: Load): ParquetCodec {
  let parts: Record<string, unknown>;
  try {
    parts = Object.assign({}, ...PARTS.map((part) => load(`hyparquet${part}`))) as Record<string, unknown>;
  } catch (error) {
    throw failure(isMissing(error) ? null : (error as Error).message, error);
  }
  const absent = NEEDED.find((name) => parts[name] === undefined);
  if (absent !== undefined) throw failure(`a version of it without ${absent}`);
  return { ...parts, compressors: compressors(load) } as unknown as ParquetCodec;
}

/** Decompressors beside Snappy's; null where they are not installed. */
function compressors(load: Load): unknown {
  try {
    return (load('hyparquet-compressors') as { readonly compressors: unknown }).compressors;
  } catch (error) {
    if (isMissing(error)) return null;
    throw failure((error as Error).message, error);
  }
}

function failure(got: string | null, cause?: unknown): FimError {
  const old = (cause as { code?: string } | undefined)?.code === 'ERR_REQUIRE_ESM';
  return new FimError(
    {
      code: 'parquet/package',
      kind: 'unsupported',
      where: 'Parquet',
      rule: 'Parquet files are read by the package hyparquet, which is optional',
      got: got ?? 'the package is not installed',
      ...(old ? { cause: `Node ${process.version}, which cannot load it: 20.19, 22.12 and later can` } : {}),
      next: `${INSTALL}, and hyparquet-compressors@1 for files that are packed by zstd, gzip or brotli`,
    },
    { cause },
  );
}
