/**
 * @module report/rl
 *
 * A comparison of algorithms: from one summary a run to a page, figures, tables and text.
 */

// What goes in.
export type { CompareReport, Quantiles, RunSummary } from './types.js';
export { summaryOf } from './runs.js';

// What comes out.
export { compareFiles, compareHtml } from './page.js';
export { compareCsv, curvesCsv, profilesCsv } from './csv.js';
export { compareText } from './text.js';
export { compareSummary } from './summary.js';

// The numbers behind it.
export { acrossOf } from './across.js';
export type { Across, ArmAggregate, Improvement, PairedRow } from './across.js';
export { cellsOf, scoreOf } from './cells.js';
export type { Cell } from './cells.js';
export { learningOf } from './learning.js';
export type { Learning, LearningCurve } from './learning.js';
export { warningsOf } from './warnings.js';
