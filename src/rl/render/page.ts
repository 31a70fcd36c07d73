/**
 * @module rl/render/page
 *
 * A recording as one self-contained page: play at any speed, once or over and over, step through it, see the return grow, keep a
 * frame as PNG. It loads nothing from anywhere.
 */
import type { Recording } from './record.js';
import { PLAYER } from './player-script.js';
import { SIZE, viewOf } from './view.js';
import { VIEWER } from './viewer-script.js';

/** Sources of three.js for the viewer of MuJoCo's shapes (rl/mujoco/three-source reads the installed package). */
export interface ThreeSource {
  /** Text of three.core.js. */
  readonly core: string;
  /** Text of three.module.js. */
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
<label>speed <select id="speed">${SPEEDS.map((speed) => `<option value="${speed}"${speed === 1 ? ' selected' : ''}>×${speed}</option>`).join('')}</select></label>
<label><input id="loop" type="checkbox" checked> loop</label>
<button id="png" type="button">PNG</button>
</div>
${curve(rewards)}
</main>
<script type="application/json" id="data">${inert(JSON.stringify(data))}</script>
${scene ? viewer(poses, three) : ''}
<script>${PLAYER}</script>
</body>
</html>
`;
}

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];

/** The return so far against the step, with a line that the player moves to the frame shown. */
function curve(rewards: readonly number[]): string {
  const [width, height] = [CURVE.width, CURVE.height];
  const sums = [0];
  for (const reward of rewards) sums.push(sums[sums.length - 1] + reward);
  const low = sums.reduce((a, b) => Math.min(a, b));
  const high = sums.reduce((a, b) => Math.max(a, b));
  const x = (k: number): number => Number(((k / Math.max(1, rewards.length)) * width).toFixed(1));
  const y = (v: number): number =>
    Number((height - 4 - ((v - low) / (high - low || 1)) * (height - 8)).toFixed(1));
  const path = sums.map((v, k) => `${k === 0 ? 'M' : 'L'}${x(k)} ${y(v)}`).join('');
  const ends = `${Number(low.toPrecision(4))} to ${Number(high.toPrecision(4))}`;
  return `<figure><svg id="curve" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="return so far against the step">
<path id="sum" d="${path}"/><line id="now" x1="0" x2="0" y1="0" y2="${height}"/>
</svg><figcaption>return so far, ${ends}</figcaption></figure>`;
}

const CURVE = { width: 728, height: 64 };

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

/** The colours of fim's reports: ground, surface, ink, muted ink, rules and the first series. */
const LIGHT =
  '--fim-ground:#ffffff;--fim-surface:#f6f7f9;--fim-ink:#1b1f27;--fim-muted:#5b6472;--fim-axis:#98a1b0;--fim-series1:#2563b8';
const DARK =
  '--fim-ground:#14171c;--fim-surface:#1c2027;--fim-ink:#e6e9ee;--fim-muted:#a3acba;--fim-axis:#6b7585;--fim-series1:#7fb0f5';

const CSS = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
body { margin: 0; font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: var(--fim-ink); background: var(--fim-ground); }
main { max-width: 760px; margin: 0 auto; padding: 24px 16px; }
h1 { font-size: 1.4rem; line-height: 1.3; margin: 0; }
p { margin: 0 0 12px; color: var(--fim-muted); }
#stage { border: 1px solid var(--fim-axis); border-radius: 6px; overflow: hidden; line-height: 0; min-height: 120px; }
#stage svg, #stage canvas { display: block; width: 100%; height: auto; max-height: 70vh; }
#bar { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; margin-top: 10px; font-size: .9rem; }
#at { flex: 1; min-width: 120px; accent-color: var(--fim-series1); }
#loop { accent-color: var(--fim-series1); }
#says { font-variant-numeric: tabular-nums; min-width: 15em; text-align: right; }
#blind { margin: 0; padding: 1.5rem; line-height: 1.5; }
button:disabled { opacity: .5; }
@media (max-width: 40rem) { #at { order: -1; flex: 1 0 100%; } #says { order: -1; min-width: 0; flex: 1 0 100%; text-align: left; } }
button, select { font: inherit; color: inherit; background: var(--fim-surface); border: 1px solid var(--fim-axis); border-radius: 4px; padding: 3px 12px; }
select { padding: 3px 4px; }
figure { margin: 12px 0 0; }
figcaption { color: var(--fim-muted); font-size: .875rem; }
#curve { display: block; width: 100%; height: 64px; background: var(--fim-surface); border-radius: 6px; cursor: pointer; }
#curve path { fill: none; stroke: var(--fim-series1); stroke-width: 2; vector-effect: non-scaling-stroke; }
#curve line { stroke: var(--fim-ink); stroke-width: 1; vector-effect: non-scaling-stroke; }
`;
