/**
 * @module doors/store
 *
 * The public door `fim/store`, in Node only: folders of results that survive a kill, and comparisons of training runs in them, with their
 * reports.
 */
// ---- points that a later run finds again ----
export { Points, writeJson } from '../store/points.js';
export type { Json } from '../store/points.js';
export { writeFiles } from '../store/study-files.js';
export { loadStudyData } from '../store/study-data.js';
export type { StudyData, StudySizes } from '../jobs/digits-networks.js';
// ---- comparisons of training runs ----
export { runComparison, scoresOf } from './comparison.js';
export type { ComparisonOptions, ComparisonResult, RunScore } from './comparison.js';
export { jobsOf } from '../store/training/grid.js';
export type { Arena, Arm, Comparison, Job } from '../store/training/grid.js';
