/**
 * @module report/study-page
 *
 * A study as a page and as files: the same figures stand in one self-contained HTML page and, each with its own colours, as SVG.
 */
import { type XyFigure, xyFigure, type XySeries } from './figures/xy.js';
import { htmlFigure, htmlPage } from './html.js';
import { type Content, markup, type Markup } from './markup.js';

export interface StudyFigure {
  /** Name of the SVG file, without ending. */
  readonly file: string;
  readonly title: string;
  readonly caption: string;
  readonly draw: (standalone: boolean) => Markup;
}

/** Figures under one heading. */
export interface StudySection {
  readonly id: string;
  readonly title: string;
  readonly lead?: Content;
  readonly figures: readonly StudyFigure[];
}

export interface StudyPage {
  readonly title: string;
  readonly kicker: string;
  readonly lead: Content;
  readonly sections: readonly StudySection[];
  readonly footer: string;
}

/** Size of figures that stand beside one another. */
export const HALF = { width: 560, height: 330 };

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
