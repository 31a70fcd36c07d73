/**
 * @module rl/render/viewer-script
 *
 * The viewer of MuJoCo's shapes, as text for the page: three.js is carried in the page and imported from memory. MuJoCo's z points
 * up and its capsules and cylinders lie along z; three's lie along y.
 */
import { CAMERA } from './view.js';

export const VIEWER = `
window.viewerReady = (async () => {
  const text = (id) => JSON.parse(document.getElementById(id).textContent);
  const module = (source) => URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const core = module(text('three-core'));
  const three = await import(module(text('three-module').replaceAll('./three.core.js', core)));
  const { scene: world, view, size: [width, height] } = JSON.parse(document.getElementById('data').textContent);
  const bytes = Uint8Array.from(atob(document.getElementById('poses').textContent), (c) => c.charCodeAt(0));
  const poses = new Float32Array(bytes.buffer);
  const renderer = new three.WebGLRenderer({ antialias: true, preserveDrawingBuffer: true });
  renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
  renderer.setSize(width, height, false);
  renderer.shadowMap.enabled = true;
  document.getElementById('stage').append(renderer.domElement);
  const scene = new three.Scene();
  scene.background = new three.Color('#dfe7ee');
  scene.add(new three.HemisphereLight('#ffffff', '#8a8378', 1.6));
  const sun = new three.DirectionalLight('#ffffff', 2.2);
  sun.castShadow = true;
  sun.shadow.mapSize.set(1024, 1024);
  scene.add(sun, sun.target);
  const upright = (geometry) => geometry.rotateX(Math.PI / 2);
  function chequers() {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 64;
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#f2efe8';
    pen.fillRect(0, 0, 64, 64);
    pen.fillStyle = '#cfc9bc';
    pen.fillRect(0, 0, 32, 32);
    pen.fillRect(32, 32, 32, 32);
    const texture = new three.CanvasTexture(canvas);
    texture.wrapS = texture.wrapT = three.RepeatWrapping;
    texture.repeat.set(40, 40);
    texture.colorSpace = three.SRGBColorSpace;
    return texture;
  }
  const solids = {
    plane: () => new three.PlaneGeometry(80 * view.tile, 80 * view.tile),
    sphere: (s) => new three.SphereGeometry(s[0], 32, 24),
    capsule: (s) => upright(new three.CapsuleGeometry(s[0], 2 * s[1], 12, 24)),
    cylinder: (s) => upright(new three.CylinderGeometry(s[0], s[0], 2 * s[1], 32)),
    box: (s) => new three.BoxGeometry(2 * s[0], 2 * s[1], 2 * s[2]),
  };
  const meshes = world.shapes.map(({ type, size, rgba }) => {
    const flat = type === 'plane';
    const [r, g, b, a] = rgba;
    const material = flat
      ? new three.MeshStandardMaterial({ map: chequers(), roughness: 1 })
      : new three.MeshStandardMaterial({ color: new three.Color().setRGB(r, g, b, three.SRGBColorSpace), roughness: 0.55, transparent: a < 1, opacity: a });
    const mesh = new three.Mesh(solids[type](size), material);
    mesh.castShadow = !flat;
    mesh.receiveShadow = true;
    scene.add(mesh);
    return mesh;
  });
  const place = (k) => meshes.forEach((mesh, i) => {
    const p = (k * meshes.length + i) * 7;
    mesh.position.set(poses[p], poses[p + 1], poses[p + 2]);
    mesh.quaternion.set(poses[p + 3], poses[p + 4], poses[p + 5], poses[p + 6]);
  });
  const floors = meshes.filter((m, i) => world.shapes[i].type === 'plane');
  const centre = new three.Vector3(...view.centre);
  const { far, tile } = view;
  const camera = new three.PerspectiveCamera(${CAMERA.angle}, width / height, 0.01 * far, 200 * far);
  camera.up.set(0, 0, 1);
  sun.shadow.camera.left = sun.shadow.camera.bottom = -2 * far;
  sun.shadow.camera.right = sun.shadow.camera.top = 2 * far;
  sun.shadow.camera.far = 10 * far;
  let [turn, lift, zoom] = [${CAMERA.turn}, ${CAMERA.lift}, 1];
  let now = 0;
  function show(k) {
    now = k;
    place(k);
    const look = centre.clone();
    if (world.follow >= 0) {
      look.x = meshes[world.follow].position.x;
      look.y = meshes[world.follow].position.y;
    }
    // The floor has no end: it moves with what is looked at, by whole pairs of squares.
    const snap = (v) => 2 * tile * Math.round(v / (2 * tile));
    floors.forEach((m) => m.position.set(snap(look.x), snap(look.y), m.position.z));
    const d = far * zoom;
    camera.position.set(look.x + d * Math.sin(turn) * Math.cos(lift), look.y - d * Math.cos(turn) * Math.cos(lift), look.z + d * Math.sin(lift));
    camera.lookAt(look);
    sun.position.set(look.x - far, look.y - far, look.z + 3 * far);
    sun.target.position.copy(look);
    renderer.render(scene, camera);
  }
  const stage = renderer.domElement;
  stage.style.touchAction = 'none';
  stage.onpointermove = (e) => {
    if (!e.buttons) return;
    turn -= e.movementX / 150;
    lift = Math.min(1.5, Math.max(0.02, lift + e.movementY / 150));
    show(now);
  };
  stage.addEventListener('wheel', (e) => { e.preventDefault(); zoom = Math.min(5, Math.max(0.3, zoom * Math.exp(e.deltaY / 600))); show(now); }, { passive: false });
  window.viewer = { show, png: () => { show(now); return stage.toDataURL('image/png'); } };
})();
`;
