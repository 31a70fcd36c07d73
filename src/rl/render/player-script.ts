/**
 * @module rl/render/player-script
 *
 * The page's own script, as text: shows frame k (an SVG, or through `window.viewer`), plays at the episode's rate times the speed
 * chosen, over and over unless told not to. It starts paused where the reader asked for less motion.
 */
export const PLAYER = `
const data = JSON.parse(document.getElementById('data').textContent);
const stage = document.getElementById('stage');
const at = document.getElementById('at');
const says = document.getElementById('says');
const play = document.getElementById('play');
const loop = document.getElementById('loop');
const speed = document.getElementById('speed');
const curve = document.getElementById('curve');
const now = document.getElementById('now');
const sums = [0];
for (const r of data.rewards) sums.push(sums[sums.length - 1] + r);
function show(k) {
  at.value = k;
  says.value = 'step ' + k + ' of ' + data.rewards.length + ', return ' + Number(sums[k].toPrecision(6));
  const along = (k / Math.max(1, data.rewards.length)) * curve.viewBox.baseVal.width;
  now.setAttribute('x1', along);
  now.setAttribute('x2', along);
  if (data.frames) stage.innerHTML = data.frames[k];
  else if (window.viewer) window.viewer.show(k);
}
let running = false;
let pending = 0;
let started = 0;
let first = 0;
// What ends is held for a moment before it begins again.
const HOLD = 0.7;
function tick(time) {
  if (!running) return;
  const seconds = (time - started) / 1000;
  const rate = data.rate * Number(speed.value);
  const k = first + Math.floor(seconds * rate);
  if (k >= data.rewards.length) {
    if (Number(at.value) !== data.rewards.length) show(data.rewards.length);
    if (!loop.checked) { run(false); return; }
    if (seconds > (data.rewards.length - first) / rate + HOLD) { show(0); run(true); return; }
    pending = requestAnimationFrame(tick);
    return;
  }
  if (k !== Number(at.value)) show(k);
  pending = requestAnimationFrame(tick);
}
function run(on) {
  running = on;
  cancelAnimationFrame(pending);
  play.textContent = on ? 'Pause' : 'Play';
  if (!on) return;
  first = Number(at.value) >= data.rewards.length ? 0 : Number(at.value);
  pending = requestAnimationFrame((time) => { started = time; tick(time); });
}
play.onclick = () => run(!running);
speed.onchange = () => { if (running) run(true); };
curve.onclick = (event) => {
  const box = curve.getBoundingClientRect();
  run(false);
  show(Math.round(((event.clientX - box.left) / box.width) * data.rewards.length));
};
at.oninput = () => { run(false); show(Number(at.value)); };
function save(url) {
  const link = document.createElement('a');
  link.href = url;
  link.download = document.title + '-' + String(at.value).padStart(4, '0') + '.png';
  link.click();
}
document.getElementById('png').onclick = () => {
  if (!data.frames) { save(window.viewer.png()); return; }
  const image = new Image();
  image.onload = () => {
    const box = stage.firstElementChild.viewBox.baseVal;
    const canvas = document.createElement('canvas');
    canvas.width = 2 * box.width;
    canvas.height = 2 * box.height;
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    save(canvas.toDataURL('image/png'));
  };
  image.src = 'data:image/svg+xml;utf8,' + encodeURIComponent(data.frames[Number(at.value)]);
};
const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
const begin = () => {
  const wanted = Number(location.hash.slice(1));
  show(Math.min(wanted || 0, data.rewards.length));
  run(!calm && !wanted);
};
// Without WebGL the controls and the return still work.
function blind(error) {
  const canvas = document.createElement('canvas');
  const has = canvas.getContext('webgl2') || canvas.getContext('webgl');
  const note = document.createElement('p');
  note.id = 'blind';
  note.setAttribute('role', 'alert');
  note.textContent = has ? 'The scene could not be drawn: ' + String(error)
    : 'This scene is drawn by WebGL, which this browser does not have or has switched off. Another browser shows it; fim watch writes the episode as pictures too, into a folder of frames.';
  stage.replaceChildren(note);
  document.getElementById('png').disabled = true;
  begin();
}
if (window.viewerReady) window.viewerReady.then(begin, blind);
else begin();
`;
