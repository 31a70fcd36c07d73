/**
 * @module disk/disk
 *
 * The disk as readers of files take it (data/source): whole files, files beside them, and Node's own SHA-256.
 */
import type { Files } from '../data/source.js';
import { readBeside } from './beside.js';
import { readBytes, sha256 } from './files.js';
import { largeFile } from './large-file.js';
import { parquetCodec } from './parquet-package.js';
import { partFiles } from './parts.js';
import { openSpool } from './spool.js';

/** Node's disk. `read` throws `file/…`. */
export const DISK: Files = {
  read: readBytes,
  beside: readBeside,
  digest: sha256,
  large: largeFile,
  spool: openSpool,
  parts: partFiles,
  parquet: parquetCodec,
};
