/**
 * @module rl/mujoco/scenery
 *
 * Scenery of the models, around their creature: textures and materials, the sun, the floor, a camera that follows.
 */
import { type Element, element, geom, type GeomAttributes } from './mjcf.js';

/** Sky, skin and chequered floor. `repeat`: squares of the floor; `sky`: colour of its top. */
export function assets(repeat = 60, sky: readonly number[] = [1, 1, 1]): Element[] {
  const skin = [0.8, 0.6, 0.4];
  const square = { width: 100, height: 100 };
  return [
    element('texture', { type: 'skybox', builtin: 'gradient', rgb1: sky, rgb2: [0, 0, 0], ...square }),
    element('texture', {
      name: 'texgeom',
      type: 'cube',
      builtin: 'flat',
      mark: 'cross',
      markrgb: [1, 1, 1],
      random: 0.01,
      rgb1: skin,
      rgb2: skin,
      width: 127,
      height: 1278,
    }),
    element('texture', {
      name: 'texplane',
      type: '2d',
      builtin: 'checker',
      rgb1: [0, 0, 0],
      rgb2: skyless,
      ...square,
    }),
    element('material', {
      name: 'MatPlane',
      texture: 'texplane',
      texrepeat: [repeat, repeat],
      reflectance: 0.5,
      shininess: 1,
      specular: 1,
    }),
    element('material', { name: 'geom', texture: 'texgeom', texuniform: true }),
  ];
}

const skyless = [0.8, 0.8, 0.8];

/** A directional light from above. */
export function sun(): Element {
  return element('light', {
    cutoff: 100,
    diffuse: [1, 1, 1],
    dir: [0, 0, -1.3],
    directional: true,
    exponent: 1,
    pos: [0, 0, 1.3],
    specular: [0.1, 0.1, 0.1],
  });
}

/** The ground. */
export function floor(attributes: GeomAttributes): Element {
  return geom('plane', 'floor', {
    condim: 3,
    pos: [0, 0, 0],
    material: 'MatPlane',
    rgba: [0.8, 0.9, 0.8, 1],
    ...attributes,
  });
}

/** A camera that keeps the creature's centre of mass in view. */
export function follow(pos: readonly number[], xyaxes: readonly number[] = [1, 0, 0, 0, 0, 1]): Element {
  return element('camera', { name: 'track', mode: 'trackcom', pos, xyaxes });
}
