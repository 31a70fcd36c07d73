/**
 * @module rl/render/frozen-lake
 *
 * The lake from above: ice, holes, the goal; an arrow shows the last intended direction.
 */
import { circle, INK, label, path, picture, rect } from './svg.js';

/** Draws `map` with the player at `state`; `action` −1 for none. */
export function drawFrozenLake(map: readonly string[], state: number, action: number): string {
  const columns = map[0].length;
  const size = 400 / Math.max(map.length, columns);
  const tiles = map.flatMap((row, r) =>
    [...row].map((tile, c) => {
      const [x, y] = [c * size, r * size];
      const ice = rect(x + 1, y + 1, size - 2, size - 2, { fill: '#e6f0f7' });
      const middle = [x + size / 2, y + size / 2] as const;
      if (tile === 'H') return ice + circle(...middle, size * 0.36, { fill: INK.water });
      if (tile === 'G') return ice + star(...middle, size * 0.34);
      return tile === 'S' ? ice + label(x + size / 2, y + size - 8, 'start', { 'font-size': size / 6 }) : ice;
    }),
  );
  const x = ((state % columns) + 0.5) * size;
  const y = (Math.floor(state / columns) + 0.5) * size;
  return picture(
    columns * size,
    map.length * size,
    'frozen lake',
    ...tiles,
    circle(x, y, size * 0.2, { fill: INK.body }),
    arrow(x, y, size * 0.42, [Math.PI, Math.PI / 2, 0, -Math.PI / 2][action]),
  );
}

/** An arrow head at distance r in direction `angle` (clockwise from the right); nothing without an angle. */
export function arrow(x: number, y: number, r: number, angle: number | undefined): string {
  if (angle === undefined) return '';
  const at = (turn: number, far: number): [number, number] => [
    x + far * Math.cos(angle + turn),
    y + far * Math.sin(angle + turn),
  ];
  return path([...at(-0.35, r * 0.75), ...at(0, r), ...at(0.35, r * 0.75)], {
    stroke: INK.body,
    'stroke-width': 3,
  });
}

export function star(x: number, y: number, r: number): string {
  const points = Array.from({ length: 10 }, (_, k) => {
    const [a, far] = [(k * Math.PI) / 5 - Math.PI / 2, k % 2 ? r * 0.45 : r];
    return [x + far * Math.cos(a), y + far * Math.sin(a)];
  });
  return path(points.flat(), { fill: INK.goal, stroke: 'none' });
}
