/**
 * @module report/study-page
 *
 * A study as a page and as files: the same figures stand in one self-contained HTML page and, each with its own colours, as SVG.
 */
import { type XyFigure, xyFigure, type XySeries } from './figures/xy.js';
import { htmlFigure, htmlPage } from './html.js';
import { type Content, markup, type Markup } from './markup.js';

/** A figure of a study: in its page, and as an SVG file of its own. */
export interface StudyFigure {
  /** Name of the SVG file, without ending. */
  readonly file: string;
  /** Stands above the figure. */
  readonly title: string;
  /** Stands below the figure. */
  readonly caption: string;
  /** The figure as SVG; standalone: with colours of its own. */
  readonly draw: (standalone: boolean) => Markup;
}

/** Figures under one heading. */
export interface StudySection {
  /** Anchor within the page. */
  readonly id: string;
  /** Heading. */
  readonly title: string;
  /** Words before the figures. */
  readonly lead?: Content;
  /** Figures in order. */
  readonly figures: readonly StudyFigure[];
}

/** A study as one page. */
export interface StudyPage {
  /** Heading of the page. */
  readonly title: string;
  /** Stands over the heading. */
  readonly kicker: string;
  /** Words below the heading. */
  readonly lead: Content;
  /** Sections in order. */
  readonly sections: readonly StudySection[];
  /** How the page was made. */
  readonly footer: string;
}

/** Width and height of a figure, in pixels. */
export interface FigureSize {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** Size of figures that stand beside one another. */
export const HALF: FigureSize = { width: 560, height: 330 };

/** Whether `value` is on the logarithmic axis that these series make. */
export function crosses(series: readonly XySeries[], value: number): boolean {
  const shown = series
    .flatMap((s) => s.points.flatMap((p) => [p.low ?? p.y, p.high ?? p.y]))
    .filter((v) => v > 0);
  return Math.min(...shown) < value && Math.max(...shown) > value;
}

/** An xy figure of a study; null where there is nothing that its axes can show. */
export function xyStudyFigure(file: string, caption: string, figure: XyFigure): StudyFigure | null {
  const shown = figure.series.some((s) =>
    s.points.some(
      (p) =>
        Number.isFinite(p.y) &&
        (figure.y.kind === 'linear' || p.y > 0) &&
        (figure.x.kind === 'linear' || p.x > 0),
    ),
  );
  if (!shown) return null;
  return { file, title: figure.title, caption, draw: (standalone) => xyFigure({ ...figure, standalone }) };
}

/** The page. */
export function studyPage(page: StudyPage): string {
  return htmlPage({
    title: page.title,
    kicker: page.kicker,
    lead: page.lead,
    sections: page.sections.map(({ id, title, lead, figures }) => ({
      id,
      title,
      body: [
        lead,
        markup`<div class="pair">${figures.map(
          (f) => markup`<div><h3>${f.title}</h3>${htmlFigure(f.draw(false), f.caption)}</div>`,
        )}</div>`,
      ],
    })),
    footer: page.footer,
  });
}

/** Files to write: `figure.svg` and `index.html`. */
export function studyFiles(page: StudyPage): Map<string, string> {
  const files = new Map<string, string>();
  for (const { figures } of page.sections)
    for (const f of figures) files.set(`${f.file}.svg`, `${f.draw(true).text}\n`);
  files.set('index.html', studyPage(page));
  return files;
}
