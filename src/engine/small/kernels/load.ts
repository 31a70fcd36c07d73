/**
 * @module engine/small/kernels/load
 *
 * Instantiates the compiled kernels over a memory that the caller owns, synchronously. Two binaries come from one
 * source: SIMD128 (every Node ≥ 20 and current browser) and relaxed SIMD, whose fused multiply-add is a third
 * faster (Node ≥ 22). Results are bit-identical within one build, not between the two, so `FIM_KERNELS=simd128` in the
 * environment takes the first everywhere, for results that are to be the same on another host.
 */
import { FimError } from '../../../core/errors.js';
import { binaries } from './generated.js';
import type { KernelBuild, Kernels } from './types.js';

export interface LoadOptions {
  /** `auto` (default): what FIM_KERNELS names, else relaxed where the host validates it, else SIMD128. */
  build?: KernelBuild | 'auto';
}

const bytes = new Map<KernelBuild, Uint8Array<ArrayBuffer>>();
const valid = new Map<KernelBuild, boolean>();
const modules = new Map<KernelBuild, WebAssembly.Module>();

function binaryOf(build: KernelBuild): Uint8Array<ArrayBuffer> {
  let binary = bytes.get(build);
  if (!binary) {
    const text = atob(binaries[build]);
    binary = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) binary[i] = text.charCodeAt(i);
    bytes.set(build, binary);
  }
  return binary;
}

/** A function of one instruction that only hosts of a build know: i32x4.splat, f32x4.relaxed_madd. */
const PROBES: Readonly<Record<KernelBuild, string>> = {
  simd128: '0061736d010000000105016000017b030201000a080106004100fd110b',
  relaxed: '0061736d0100000001080160037b7b7b017b030201000a0d010b00200020012002fd85020b',
};

/** Whether this host runs the given build (`WebAssembly.validate` of its rarest instruction, asked once). */
export function hostRuns(build: KernelBuild): boolean {
  let ok = valid.get(build);
  if (ok === undefined) {
    const bytes = PROBES[build].match(/../g) as string[];
    ok = WebAssembly.validate(Uint8Array.from(bytes, (b) => parseInt(b, 16)));
    valid.set(build, ok);
  }
  return ok;
}

/** What `auto` means here: the build that FIM_KERNELS names, else the fastest. Throws `kernels/unknown`. */
function automatic(): KernelBuild {
  // A browser has no environment.
  const host = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const named = host.process?.env?.['FIM_KERNELS'] ?? '';
  if (named === 'simd128' || named === 'relaxed') return named;
  if (named === '' || named === 'auto') return hostRuns('relaxed') ? 'relaxed' : 'simd128';
  throw new FimError({
    code: 'kernels/unknown',
    kind: 'usage',
    where: 'FIM_KERNELS',
    rule: 'names a build of the kernels: simd128, relaxed or auto',
    got: named,
    next: 'unset FIM_KERNELS',
  });
}

/**
 * The kernels over `memory`. The first `reservedBytes` of it belong to them (constants and scratch); everything
 * after is the caller's. A memory that is too small is grown, so take views of its buffer afterwards.
 *
 * Throws `kernels/unsupported` where the host refuses the build asked for, `kernels/unknown` where FIM_KERNELS names none,
 * and `kernels/memory` where the memory cannot grow to hold the reserved bytes.
 */
export function loadKernels(memory: WebAssembly.Memory, options: LoadOptions = {}): Kernels {
  const asked = options.build ?? 'auto';
  const build = asked === 'auto' ? automatic() : asked;
  if (!hostRuns(build)) {
    throw new FimError({
      code: 'kernels/unsupported',
      kind: 'unsupported',
      where: 'loadKernels',
      rule: `needs a WebAssembly host that validates the '${build}' build`,
      got: 'a host that refuses it',
      cause:
        build === 'relaxed'
          ? 'relaxed SIMD is on by default only from Node 22'
          : 'WebAssembly SIMD is missing',
      next: build === 'relaxed' ? "loadKernels(memory, { build: 'auto' })" : 'run it on Node 20 or later',
    });
  }
  let module = modules.get(build);
  if (!module) modules.set(build, (module = new WebAssembly.Module(binaryOf(build))));
  growTo(memory, 65536);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const reservedBytes = (exports['reservedBytes'] as () => number)();
  growTo(memory, reservedBytes);
  return Object.assign(nest(exports), { build, reservedBytes }) as unknown as Kernels;
}

function growTo(memory: WebAssembly.Memory, size: number): void {
  const missing = Math.ceil((size - memory.buffer.byteLength) / 65536);
  if (missing <= 0) return;
  try {
    memory.grow(missing);
  } catch (cause) {
    throw new FimError(
      {
        code: 'kernels/memory',
        where: 'loadKernels',
        rule: `needs a memory of at least ${size} bytes`,
        got: `${memory.buffer.byteLength} bytes that cannot grow`,
        next: `new WebAssembly.Memory({ initial: ${Math.ceil(size / 65536)} })`,
      },
      { cause },
    );
  }
}

interface Nested {
  [name: string]: Nested | WebAssembly.ExportValue;
}

/** `float32_add_same` becomes `float32.add.same`. */
function nest(exports: WebAssembly.Exports): Nested {
  const top: Nested = {};
  for (const [name, value] of Object.entries(exports)) {
    const path = name.split('_');
    let at = top;
    for (const part of path.slice(0, -1)) at = (at[part] ??= {}) as Nested;
    at[path[path.length - 1]] = value;
  }
  return top;
}
