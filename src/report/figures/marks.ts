/**
 * @module report/figures/marks
 *
 * Marks that differ in shape as well as colour, error bars, and the key that names them.
 */
import { markup, type Markup, round } from '../markup.js';
import { SERIES_COLOURS } from '../theme.js';
import { textWidth } from './frame.js';

/** 1-based number of the colour of series `index`. */
export function colourOf(index: number): number {
  return (index % SERIES_COLOURS) + 1;
}

/** Circle, square, diamond, triangle by series. */
export function mark(index: number, x: number, y: number, r = 4): Markup {
  const k = colourOf(index);
  const [cx, cy] = [round(x), round(y)];
  switch (index % 4) {
    case 0:
      return markup`<circle class="mark${k}" cx="${cx}" cy="${cy}" r="${r}"/>`;
    case 1:
      return markup`<rect class="mark${k}" x="${round(x - r * 0.9)}" y="${round(y - r * 0.9)}" width="${r * 1.8}" height="${r * 1.8}"/>`;
    case 2:
      return markup`<path class="mark${k}" d="M${cx} ${round(y - r * 1.3)}L${round(x + r * 1.3)} ${cy}L${cx} ${round(y + r * 1.3)}L${round(x - r * 1.3)} ${cy}Z"/>`;
    default:
      return markup`<path class="mark${k}" d="M${cx} ${round(y - r * 1.2)}L${round(x + r * 1.2)} ${round(y + r)}L${round(x - r * 1.2)} ${round(y + r)}Z"/>`;
  }
}

/** A bar from one end of an interval to the other with caps, standing or lying; in ink where it lies on a filled bar. */
export function errorBar(
  index: number | 'ink',
  along: 'x' | 'y',
  at: number,
  from: number,
  to: number,
  cap = 4,
): Markup {
  const [p, a, b] = [round(at), round(from), round(to)];
  const d =
    along === 'y'
      ? `M${p} ${a}V${b}M${round(at - cap)} ${a}H${round(at + cap)}M${round(at - cap)} ${b}H${round(at + cap)}`
      : `M${a} ${p}H${b}M${a} ${round(at - cap)}V${round(at + cap)}M${b} ${round(at - cap)}V${round(at + cap)}`;
  return markup`<path class="${index === 'ink' ? 'whisker' : `bar${colourOf(index)}`}" d="${d}"/>`;
}

export interface KeyEntry {
  readonly name: string;
  /** Index of a series, the dashed line of a reference, or words alone. */
  readonly series: number | 'reference' | 'none';
}

/** One row of names from `x` rightwards. Returns nothing where there is a single series to name. */
export function key(entries: readonly KeyEntry[], x: number, y: number): Markup | null {
  if (entries.length < 2) return null;
  let left = x;
  const items = entries.map(({ name, series }) => {
    if (series === 'none') {
      const words = markup`<text x="${round(left)}" y="${y}">${name}</text>`;
      left += textWidth(name) + 18;
      return words;
    }
    const sign =
      series === 'reference'
        ? markup`<line class="reference" x1="${round(left)}" x2="${round(left + 18)}" y1="${y - 4}" y2="${y - 4}"/>`
        : mark(series, left + 9, y - 4);
    const item = markup`${sign}<text x="${round(left + 24)}" y="${y}">${name}</text>`;
    left += 24 + textWidth(name) + 18;
    return item;
  });
  return markup`<g>${items}</g>`;
}
