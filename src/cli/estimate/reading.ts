/**
 * @module cli/estimate/reading
 *
 * Bytes of a file that were read so far, for the line of progress.
 */
import { sizeText } from '../../core/settings/bytes.js';
import type { Reading } from '../../data/index.js';

/** `  1.2 GB of 10.2 GB read`; nothing where the data lie in memory. */
export const readSoFar = (reading: Reading | null): string =>
  reading === null ? '' : `  ${sizeText(reading.bytesRead)} of ${sizeText(reading.size)} read`;
