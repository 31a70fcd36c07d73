/**
 * @module report
 *
 * Figures and pages as strings: no document, no network, no dependency.
 */

// Reports
export { renderEstimateReport } from './estimate-report.js';
export {
  type EstimateReport,
  type ReportNamed,
  estimatorTitle,
  likelihoodTitle,
  type ReportFact,
  type ReportFigure,
  type ReportLayer,
  type ReportTensor,
} from './estimate-data.js';
export {
  type EntrySummary,
  type InformedEntry,
  type RelativeErrors,
  type Spread,
  summariseEntries,
  type TensorEntries,
  type TensorSummary,
} from './entries.js';

export type { PicturedArray } from './form-pictures.js';

// Figures
export { matrixPicture, type MatrixPicture } from './figures/matrix-picture.js';
export {
  xyFigure,
  type AxisText,
  type Reference,
  type XyFigure,
  type XyPoint,
  type XySeries,
} from './figures/xy.js';
export { histogramFigure, type HistogramFigure } from './figures/histogram.js';
export { type FigureRow, rowsFigure, type RowsFigure, rowsKind } from './figures/rows.js';
export { shareFigure, type ShareFigure } from './figures/share.js';
export type { FigureText } from './figures/frame.js';
export { linearScale, logScale, type Scale, type Tick } from './scale.js';

// Pages
export {
  htmlChip,
  htmlFacts,
  htmlFigure,
  htmlFold,
  htmlPage,
  htmlTable,
  htmlWarnings,
  type HtmlColumn,
  type Page,
  type PageSection,
  type Tone,
} from './html.js';
export {
  crosses,
  type FigureSize,
  HALF,
  type StudyFigure,
  studyFiles,
  type StudyPage,
  type StudySection,
  xyStudyFigure,
} from './study-page.js';
export { type Content, escapeText, Markup, markup } from './markup.js';

// Numbers in words
export {
  type FormattedEstimate,
  formatCount,
  formatDuration,
  formatEstimate,
  formatInterval,
  formatNumber,
  formatParts,
  formatPercent,
  formatTimeLeft,
} from './format.js';
