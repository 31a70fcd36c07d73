/**
 * @module rl/render/draw-scene
 *
 * A simulated world as an SVG picture, for frames without a browser: the page's camera, sun and chequered floor, every solid by its
 * outline with a lighter streak where the sun falls on it, the farthest first. Solids that cross each other are not cut.
 */
import { cross, dot, hull, outline, plus, type Point, ring, unit } from './outline.js';
import { axes, type Scene, type Shape } from './scene.js';
import { picture, rect, shape } from './svg.js';
import { CAMERA, SIZE, type View } from './view.js';

type Pixel = readonly [number, number];

/** Where the light goes. */
const SUN = unit([1, 1, -3]);
/** Squares of the floor in each direction. */
const FLOOR = 20;
const INKS = { sky: '#dfe7ee', ground: '#f2efe8', square: '#cfc9bc', shadow: '#3d3a36' };

/** One frame: `pose` holds x y z and the quaternion x y z w of every shape. */
export function drawScene(scene: Scene, pose: ArrayLike<number>, view: View): string {
  const { shapes, follow } = scene;
  const look = [...view.centre];
  if (follow >= 0) for (const k of [0, 1]) look[k] = pose[7 * follow + k];
  const camera = cameraAt(look, view.far);
  const placed = shapes.map((solid, i) => ({
    solid,
    centre: [pose[7 * i], pose[7 * i + 1], pose[7 * i + 2]],
    turned: axes(pose, 7 * i + 3),
  }));
  const floor = placed.find((p) => p.solid.type === 'plane');
  const solids = placed
    .filter((p) => p.solid.type !== 'plane' && p.solid.rgba[3] > 0)
    .sort((p, q) => camera.depth(q.centre) - camera.depth(p.centre));
  return picture(
    SIZE.width,
    SIZE.height,
    'simulated world',
    rect(0, 0, SIZE.width, SIZE.height, { fill: INKS.sky }),
    ...(floor ? [ground(camera, look, floor.centre[2], view.tile)] : []),
    // One path: where shadows overlap they are no darker.
    filled(floor ? solids.map((p) => shadow(camera, p, floor.centre[2])).join('') : '', INKS.shadow, {
      opacity: 0.35,
    }),
    ...solids.map((p) => (p.solid.type === 'box' ? block(camera, p) : round(camera, p))),
  );
}

interface Camera {
  readonly place: Point;
  readonly depth: (p: Point) => number;
  readonly pixel: (p: Point) => Pixel;
  /** A polygon in space as a path; '' where none of it is before the camera. */
  readonly polygon: (points: readonly Point[]) => string;
}

interface Placed {
  readonly solid: Shape;
  readonly centre: Point;
  readonly turned: readonly Point[];
}

/** A pinhole at distance `far` from `look`. */
export function cameraAt(look: Point, far: number): Camera {
  const { turn, lift, angle } = CAMERA;
  const back = [Math.sin(turn) * Math.cos(lift), -Math.cos(turn) * Math.cos(lift), Math.sin(lift)];
  const place = plus(look, back, far);
  const right = unit(cross([0, 0, 1], back));
  const up = cross(back, right);
  const focus = SIZE.height / 2 / Math.tan((angle * Math.PI) / 360);
  const near = 0.02 * far;
  const depth = (p: Point): number => dot(plus(place, p, -1), back);
  const pixel = (p: Point): Pixel => {
    const d = depth(p);
    const from = plus(p, place, -1);
    return [SIZE.width / 2 + (focus * dot(from, right)) / d, SIZE.height / 2 - (focus * dot(from, up)) / d];
  };
  const polygon = (points: readonly Point[]): string => {
    const kept = points.flatMap((p, i) => {
      const q = points[(i + 1) % points.length];
      const [a, b] = [depth(p) - near, depth(q) - near];
      const crossing = a >= 0 !== b >= 0 ? [plus(p, plus(q, p, -1), a / (a - b))] : [];
      return a >= 0 ? [p, ...crossing] : crossing;
    });
    return kept.length < 3 ? '' : outlined(kept.map(pixel));
  };
  return { place, depth, pixel, polygon };
}

const outlined = (pixels: readonly Pixel[]): string =>
  `${pixels.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')}Z`;

const filled = (d: string, fill: string, more = {}): string =>
  d === '' ? '' : shape('path', { d, fill, ...more });

/** The floor to the horizon, and its squares around `look`, paler with distance. */
function ground(camera: Camera, look: Point, z: number, tile: number): string {
  const square = (x: number, y: number, side: number): number[][] => [
    [x, y, z],
    [x + side, y, z],
    [x + side, y + side, z],
    [x, y + side, z],
  ];
  const wide = 400 * tile;
  const parts = [filled(camera.polygon(square(look[0] - wide, look[1] - wide, 2 * wide)), INKS.ground)];
  const [cx, cy] = [Math.floor(look[0] / tile), Math.floor(look[1] / tile)];
  const fading: string[][] = [[], [], [], []];
  for (let i = cx - FLOOR; i < cx + FLOOR; i++) {
    for (let j = cy - FLOOR; j < cy + FLOOR; j++) {
      const away = Math.hypot(i - cx + 0.5, j - cy + 0.5) / FLOOR;
      if ((i + j) % 2 !== 0 || away > 1) continue;
      fading[Math.floor(away * 3.999)].push(camera.polygon(square(i * tile, j * tile, tile)));
    }
  }
  fading.forEach((d, k) => parts.push(filled(d.join(''), INKS.square, { opacity: 1 - k / 4 })));
  return parts.join('');
}

/** The outline slid down the sun's rays to the floor, as a path. */
function shadow(camera: Camera, { solid, centre, turned }: Placed, z: number): string {
  const points = outline(solid, centre, turned, SUN).map((p) =>
    plus(p, SUN, Math.max(0, p[2] - z) / -SUN[2]),
  );
  if (points.some((p) => camera.depth(p) <= 0)) return '';
  return outlined(hull(points.map(camera.pixel)));
}

/** A sphere, capsule or cylinder: its outline, a streak towards the sun, the near end of a cylinder. */
function round(camera: Camera, { solid, centre, turned }: Placed): string {
  const direction = unit(plus(centre, camera.place, -1));
  const edge = outline(solid, centre, turned, direction);
  if (edge.some((p) => camera.depth(p) <= 0)) return '';
  const opacity = { 'fill-opacity': solid.rgba[3] };
  const dark = ink(solid, 0.78);
  const parts = [
    filled(outlined(hull(edge.map(camera.pixel))), dark, { stroke: ink(solid, 0.55), ...opacity }),
  ];
  const axis = turned[2];
  if (solid.type === 'cylinder') {
    const end = plus(centre, axis, solid.size[1] * (dot(axis, direction) > 0 ? -1 : 1));
    parts.push(filled(outlined(ring(end, axis, solid.size[0]).map(camera.pixel)), ink(solid, 1), opacity));
    return parts.join('');
  }
  const lit = plus(centre, SUN, -0.35 * solid.size[0]);
  const streak = outline(solid, lit, turned, direction, 0.45);
  parts.push(filled(outlined(hull(streak.map(camera.pixel))), ink(solid, 1.05), opacity));
  return parts.join('');
}

/** A box: the faces that look at the camera, each as bright as the sun falls on it. */
function block(camera: Camera, { solid, centre, turned }: Placed): string {
  const parts: string[] = [];
  for (const k of [0, 1, 2]) {
    for (const sign of [-1, 1]) {
      const normal = turned[k].map((v) => sign * v);
      const middle = plus(centre, normal, solid.size[k]);
      if (dot(plus(camera.place, middle, -1), normal) <= 0) continue;
      const [u, v] = [(k + 1) % 3, (k + 2) % 3];
      const corners = [
        [-1, -1],
        [1, -1],
        [1, 1],
        [-1, 1],
      ].map(([i, j]) => plus(plus(middle, turned[u], i * solid.size[u]), turned[v], j * solid.size[v]));
      const light = 0.7 + 0.35 * Math.max(0, -dot(normal, SUN));
      parts.push(filled(camera.polygon(corners), ink(solid, light), { 'fill-opacity': solid.rgba[3] }));
    }
  }
  return parts.join('');
}

/** The shape's colour times `light`. */
function ink({ rgba }: Shape, light: number): string {
  const part = (v: number): string =>
    Math.round(255 * Math.min(1, v * light))
      .toString(16)
      .padStart(2, '0');
  return `#${part(rgba[0])}${part(rgba[1])}${part(rgba[2])}`;
}
