/**
 * @module rl/render/svg
 *
 * Pictures as text: a few shapes with rounded coordinates, so that an episode of them compresses well. Pure functions; an SVG is
 * a picture anywhere, and any browser turns it into pixels.
 */

/** Colours of all environments: calm ground, one accent for what moves, one for the goal, one for danger. */
export const INK = {
  ground: '#f6f4ef',
  line: '#3d3a36',
  faint: '#c9c3b8',
  body: '#2f6db3',
  limb: '#c98a3c',
  goal: '#2f8f5b',
  danger: '#b8433a',
  water: '#8db4d6',
} as const;

export type Attributes = Readonly<Record<string, string | number>>;

/** Two decimals, without trailing zeros. */
export function short(v: number): string {
  return String(Math.round(v * 100) / 100);
}

function attributes(given: Attributes): string {
  return Object.entries(given)
    .map(([name, v]) => ` ${name}="${typeof v === 'number' ? short(v) : v}"`)
    .join('');
}

export function shape(name: string, given: Attributes, inside = ''): string {
  return inside === ''
    ? `<${name}${attributes(given)}/>`
    : `<${name}${attributes(given)}>${inside}</${name}>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, given: Attributes = {}): string {
  return shape('line', { x1, y1, x2, y2, stroke: INK.line, 'stroke-width': 2, ...given });
}

export function circle(cx: number, cy: number, r: number, given: Attributes = {}): string {
  return shape('circle', { cx, cy, r, fill: INK.line, ...given });
}

export function rect(x: number, y: number, width: number, height: number, given: Attributes = {}): string {
  return shape('rect', { x, y, width, height, fill: INK.line, ...given });
}

/** A polyline through points given as [x, y, x, y, …]. */
export function path(points: readonly number[], given: Attributes = {}): string {
  let d = '';
  for (let i = 0; i < points.length; i += 2)
    d += `${i ? 'L' : 'M'}${short(points[i])} ${short(points[i + 1])}`;
  return shape('path', { d, fill: 'none', stroke: INK.line, 'stroke-width': 2, ...given });
}

export function label(x: number, y: number, text: string, given: Attributes = {}): string {
  const escaped = text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c] as string);
  const style = { 'font-family': 'sans-serif', 'font-size': 14, 'text-anchor': 'middle', fill: INK.line };
  return shape('text', { x, y, ...style, ...given }, escaped);
}

/** A whole picture with its ground. */
export function picture(width: number, height: number, title: string, ...parts: readonly string[]): string {
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  const frame = { xmlns: 'http://www.w3.org/2000/svg', ...size, role: 'img' };
  const ground = rect(0, 0, width, height, { fill: INK.ground });
  return shape('svg', frame, `<title>${title}</title>${ground}${parts.join('')}`);
}
