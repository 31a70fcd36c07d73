/**
 * @module engine/ort/module
 *
 * The part of ONNX Runtime's JavaScript API that the adapter uses, which `onnxruntime-node` and `onnxruntime-web` share, and the
 * loading of the first. It is an optional peer: fim runs without it, and says how to get it where it is asked for.
 */
import { FimError } from '../../core/errors.js';
import { setting } from '../../core/settings/reference.js';

/** A tensor as ONNX Runtime holds it. */
export interface OrtTensor {
  /** Its element type in ONNX Runtime's words, e.g. `float32`. */
  readonly type: string;
  /** The typed array. */
  readonly data: unknown;
  /** Its shape. */
  readonly dims: readonly number[];
}

/** A compiled model. */
export interface OrtSession {
  /** `fetches`: outputs to be written in place. */
  run(
    feeds: Record<string, OrtTensor>,
    fetches?: Record<string, OrtTensor>,
  ): Promise<Record<string, OrtTensor>>;
  /** Frees the session. */
  release(): Promise<void>;
}

/** Makes a tensor of a type over an array, with a shape. */
export type OrtTensorClass = new (type: never, data: never, dims: readonly number[]) => OrtTensor;

/** The part of `onnxruntime-node` and `onnxruntime-web` that the engine calls. */
export interface OrtModule {
  /** The class of tensors. */
  readonly Tensor: OrtTensorClass;
  /** Makes sessions from the bytes of an ONNX file. */
  readonly InferenceSession: {
    /** Compiles a model; `options` are ONNX Runtime's `SessionOptions`. */
    create(model: Uint8Array, options: Record<string, unknown>): Promise<OrtSession>;
  };

  /** Where the version stands, if the module says it. */
  readonly env?: {
    /** Version by package. */
    readonly versions?: Readonly<Record<string, string | undefined>>;
  };
}

/** The command that installs the optional package without the downloads of its install script. */
export const INSTALL_COMMAND = 'npm install onnxruntime-node --onnxruntime-node-install=skip';

const PACKAGE = 'onnxruntime-node';

/** Loads `onnxruntime-node`. Throws `engine/ort-missing` where it is not installed, `engine/ort-broken` where it does not load. */
export async function loadOrt(
  importPackage = (name: string) => import(/* @vite-ignore */ name),
): Promise<OrtModule> {
  let loaded: unknown;
  try {
    loaded = await importPackage(PACKAGE);
  } catch (cause) {
    const missing = (cause as { code?: string }).code === 'ERR_MODULE_NOT_FOUND';
    throw new FimError(
      {
        code: missing ? 'engine/ort-missing' : 'engine/ort-broken',
        kind: 'unsupported',
        where: 'engine ort',
        rule: missing
          ? `needs the package ${PACKAGE}, which is optional and not installed`
          : `the package ${PACKAGE} is installed but does not load`,
        ...(missing ? {} : { got: (cause as Error).message }),
        next: `${INSTALL_COMMAND}, or take the other engine: ${setting('engine', 'small')}`,
      },
      { cause },
    );
  }
  const { default: inner } = loaded as { default?: OrtModule };
  return 'InferenceSession' in (loaded as object) ? (loaded as OrtModule) : (inner as OrtModule);
}

/** `onnxruntime 1.30.0` */
export function versionOf(ort: OrtModule): string {
  const { versions } = ort.env ?? {};
  const version = versions?.['node'] ?? versions?.['web'] ?? versions?.['common'];
  return version ? `onnxruntime ${version}` : 'onnxruntime';
}
