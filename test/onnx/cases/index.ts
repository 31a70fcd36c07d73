/**
 * @module test/onnx/cases
 *
 * All cases of operators, one list a file.
 */
import { ATTENTION } from './attention.js';
import type { Case } from './case.js';
import { MATRIX, NOOP, NORMS, REDUCTIONS } from './contraction.js';
import { COUNTING } from './counting.js';
import { EARLIER } from './earlier.js';
import { ELEMENTWISE } from './elementwise.js';
import { FUSED } from './fused.js';
import { IMAGES } from './images.js';
import { INDEXED } from './indexed.js';
import { MOVERS } from './movers.js';
import { RECURRENT } from './recurrent.js';
import { RESAMPLING } from './resampling.js';
import { SEQUENCES } from './sequences.js';
import { SHAPED } from './shapes.js';
import { SINGLE } from './single.js';

export const OPERATORS: readonly Case[] = [
  ...ELEMENTWISE,
  ...MATRIX,
  ...NORMS,
  ...REDUCTIONS,
  ...NOOP,
  ...MOVERS,
  ...SHAPED,
  ...COUNTING,
  ...EARLIER,
  ...IMAGES,
  ...INDEXED,
  ...RESAMPLING,
  ...RECURRENT,
  ...SEQUENCES,
  ...SINGLE,
  ...ATTENTION,
  ...FUSED,
];
