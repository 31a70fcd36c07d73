/**
 * @module rl/render/page
 *
 * A recording as one self-contained page: play, pause, step through it, keep a frame as PNG. It loads nothing from anywhere.
 */
import type { Recording } from './record.js';
import { PLAYER } from './player-script.js';
import { SIZE, viewOf } from './view.js';
import { VIEWER } from './viewer-script.js';

/** Sources of three.js for the viewer of MuJoCo's shapes (rl/mujoco/three-source reads the installed package). */
export interface ThreeSource {
  readonly core: string;
  readonly module: string;
}

/** The page. `three` is needed for a recording with a scene. */
export function watchPage(recording: Recording, three: ThreeSource | null = null): string {
  const { id, seed, rewards, frames, scene, poses, rate, end } = recording;
  const total = rewards.reduce((a, b) => a + b, 0);
  const view = scene && viewOf(scene, poses[0]);
  const size = [SIZE.width, SIZE.height];
  const data = { rewards: rewards.map((r) => Number(r.toPrecision(6))), frames, scene, view, size, rate };
  const summary = `${rewards.length} steps, return ${Number(total.toPrecision(6))}, ${end}, seed ${seed}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' blob:; img-src data: blob:">
<title>${escape(id)}</title>
<style>${CSS}</style>
</head>
<body>
<main>
<h1>${escape(id)}</h1>
<p>${escape(summary)}</p>
<div id="stage"></div>
<div id="bar">
<button id="play" type="button">Play</button>
<input id="at" type="range" min="0" max="${rewards.length}" value="0" aria-label="step">
<output id="says"></output>
<button id="png" type="button">PNG</button>
</div>
</main>
<script type="application/json" id="data">${inert(JSON.stringify(data))}</script>
${scene ? viewer(poses, three) : ''}
<script>${PLAYER}</script>
</body>
</html>
`;
}

function viewer(poses: readonly Float32Array[], three: ThreeSource | null): string {
  const sources = three ?? { core: '', module: '' };
  return `<script type="text/plain" id="poses">${base64(poses)}</script>
<script type="application/json" id="three-core">${inert(JSON.stringify(sources.core))}</script>
<script type="application/json" id="three-module">${inert(JSON.stringify(sources.module))}</script>
<script>${VIEWER}</script>`;
}

/** Frames one after the other, little-endian float32. */
function base64(poses: readonly Float32Array[]): string {
  let text = '';
  const view = new DataView(new ArrayBuffer(4));
  for (const pose of poses) {
    for (const v of pose) {
      view.setFloat32(0, v, true);
      text += String.fromCharCode(view.getUint8(0), view.getUint8(1), view.getUint8(2), view.getUint8(3));
    }
  }
  return btoa(text);
}

/** JSON that cannot end the script element it stands in. */
function inert(json: string): string {
  return json.replaceAll('<', '\\u003c');
}

function escape(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] as string,
  );
}

const CSS = `
:root { color-scheme: light dark; --ink: #2c2a27; --paper: #fffdf9; --line: #d8d2c6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e4dc; --paper: #1d1c1a; --line: #45413a; } }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main { max-width: 760px; margin: 0 auto; padding: 24px 16px; }
h1 { font-size: 20px; margin: 0; }
p { margin: 0 0 12px; opacity: .75; }
#stage { border: 1px solid var(--line); border-radius: 6px; overflow: hidden; line-height: 0; min-height: 120px; }
#stage svg, #stage canvas { display: block; width: 100%; height: auto; max-height: 70vh; }
#bar { display: flex; gap: 10px; align-items: center; margin-top: 10px; }
#at { flex: 1; min-width: 80px; }
#says { font-variant-numeric: tabular-nums; min-width: 15em; text-align: right; }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 4px; padding: 3px 12px; }
`;
