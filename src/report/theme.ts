/**
 * @module report/theme
 *
 * Colours and letters, once, for page and figures, light and dark. Series colours (Okabe and Ito's, moved towards each
 * ground) stay apart for colour-blind readers, and every series also has a mark of its own. Text reaches 4.5:1.
 */

/** Variables on a light ground, then what changes on a dark one. */
const LIGHT = {
  ground: '#ffffff',
  surface: '#f6f7f9',
  ink: '#1b1f27',
  muted: '#5b6472',
  grid: '#e4e7ec',
  axis: '#98a1b0',
  series1: '#2563b8',
  series2: '#c2570c',
  series3: '#0f7f68',
  series4: '#9a3f86',
  series5: '#4a5160',
  series6: '#857000',
  warning: '#8a5a00',
  'warning-ground': '#fff6e0',
  'warning-edge': '#e8c05a',
};

const DARK: typeof LIGHT = {
  ground: '#14171c',
  surface: '#1c2027',
  ink: '#e6e9ee',
  muted: '#a3acba',
  grid: '#2b313b',
  axis: '#6b7585',
  series1: '#7fb0f5',
  series2: '#f2a15f',
  series3: '#5cc9b0',
  series4: '#dd93cd',
  series5: '#b9c1cd',
  series6: '#ddc95a',
  warning: '#f3cd7a',
  'warning-ground': '#2b2414',
  'warning-edge': '#7a6020',
};

const declare = (colours: Readonly<Record<string, string>>): string =>
  Object.entries(colours)
    .map(([name, colour]) => `--fim-${name}:${colour}`)
    .join(';');

/** Colour variables for `selector`, following the reader's preference. */
export function themeCss(selector: string): string {
  return `${selector}{color-scheme:light dark;${declare(LIGHT)}}@media (prefers-color-scheme:dark){${selector}{${declare(DARK)}}}`;
}

/** Rules of figures, under `.fim-figure`. */
export const FIGURE_CSS = [
  '.fim-figure{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-size:12px;font-variant-numeric:tabular-nums}',
  '.fim-figure text{fill:var(--fim-muted)}',
  '.fim-figure .strong{fill:var(--fim-ink)}',
  '.fim-figure .grid{stroke:var(--fim-grid);stroke-width:1}',
  '.fim-figure .axis{stroke:var(--fim-axis);stroke-width:1}',
  '.fim-figure .whisker{stroke:var(--fim-ink);stroke-width:1.5;fill:none}',
  '.fim-figure .reference{stroke:var(--fim-muted);stroke-width:1.25;stroke-dasharray:4 4;fill:none}',
  ...[1, 2, 3, 4, 5, 6].flatMap((k) => [
    `.fim-figure .line${k}{stroke:var(--fim-series${k});stroke-width:2;fill:none;stroke-linejoin:round}`,
    `.fim-figure .bar${k}{stroke:var(--fim-series${k});stroke-width:1.5;fill:none}`,
    `.fim-figure .mark${k}{fill:var(--fim-series${k});stroke:var(--fim-ground);stroke-width:1}`,
    `.fim-figure .fill${k}{fill:var(--fim-series${k})}`,
    `.fim-figure .band${k}{fill:var(--fim-series${k});fill-opacity:.16;stroke:none}`,
  ]),
].join('');

/** How many series colours there are; further series begin again. */
export const SERIES_COLOURS = 6;
