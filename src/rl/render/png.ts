/**
 * @module rl/render/png
 *
 * Pictures of an episode as pixels, without a browser. The rasteriser is an optional package, asked for by name where it is missing.
 */
import { FimError } from '../../core/errors.js';
import { drawScene } from './draw-scene.js';
import type { Recording } from './record.js';
import { viewOf } from './view.js';

export const RESVG_VERSION = '2.6.2';

/** One SVG document for the start and for each step: what the environment drew, or its shapes from the side. */
export function* pictures(recording: Recording): Generator<string> {
  const { frames, scene, poses } = recording;
  if (frames) yield* frames;
  else if (scene) {
    const view = viewOf(scene, poses[0]);
    for (const pose of poses) yield drawScene(scene, pose, view);
  }
}

/** An SVG document as a PNG file, `zoom` pixels for each unit. */
export type Rasterise = (svg: string, zoom?: number) => Uint8Array;

/** The part of `@resvg/resvg-js` that is called. */
export interface Resvg {
  /** The class of SVG documents. */
  readonly Resvg: ResvgDocument;
}

/** Makes a document of SVG text; `render().asPng()` is a PNG file. */
export type ResvgDocument = new (svg: string, options: object) => ResvgRendering;

/** A document that can be drawn. */
export interface ResvgRendering {
  /** Draws it. */
  render(): ResvgImage;
}

/** A drawn document. */
export interface ResvgImage {
  /** The bytes of a PNG file. */
  asPng(): Uint8Array;
}

/** Named apart from its import: a bundler leaves an optional package to whoever installs it. */
const PACKAGE: string = '@resvg/resvg-js';

/** Throws `rl/resvg-missing` where the optional package @resvg/resvg-js is not installed. `load` imports it. */
export async function loadRasteriser(
  load: () => Promise<Resvg> = () => import(/* @vite-ignore */ PACKAGE) as Promise<Resvg>,
): Promise<Rasterise> {
  let resvg: Resvg;
  try {
    resvg = await load();
  } catch (error) {
    throw new FimError(
      {
        code: 'rl/resvg-missing',
        where: 'frames as PNG',
        rule: 'need the optional package @resvg/resvg-js, which is not installed',
        got: error instanceof Error ? error.message.split('\n')[0] : String(error),
        next: `npm install @resvg/resvg-js@${RESVG_VERSION}`,
      },
      { cause: error },
    );
  }
  return (svg, zoom = 1) => {
    // Looking for fonts takes time, and few pictures hold text.
    const font = { loadSystemFonts: svg.includes('<text') };
    return new resvg.Resvg(svg, { font, fitTo: { mode: 'zoom', value: zoom } }).render().asPng();
  };
}
