import { PbfWriter } from 'pbf';
import { describe, expect, it } from 'vitest';
import { runImported } from '../../../../test/onnx/evaluate.js';
import { runOrt } from '../../../../test/onnx/runtime.js';
import type { FimError } from '../../../core/errors.js';
import { tensor } from '../../../core/tensor.js';
import { decodeModel } from './index.js';

type Body = (p: PbfWriter) => void;
const message = (p: PbfWriter, tag: number, body: Body): void => {
  p.writeMessage(
    tag,
    () => {
      body(p);
    },
    null,
  );
};

interface NodeParts {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** A float, or the name of the function's attribute. */
  readonly attributes?: Readonly<Record<string, number | string>>;
}

const writeNode =
  ({ op, domain = '', inputs, outputs, attributes = {} }: NodeParts): Body =>
  (p) => {
    inputs.forEach((name) => p.writeStringField(1, name));
    outputs.forEach((name) => p.writeStringField(2, name));
    p.writeStringField(3, `/${op}_${outputs[0]}`);
    p.writeStringField(4, op);
    for (const [name, value] of Object.entries(attributes))
      message(p, 5, () => {
        p.writeStringField(1, name);
        if (typeof value === 'number') p.writeFloatField(2, value);
        else p.writeStringField(21, value);
        p.writeVarintField(20, 1);
      });
    p.writeStringField(7, domain);
  };

interface FunctionParts {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: readonly string[];
  readonly nodes: readonly NodeParts[];
}

/** A model h = nodes(x), x and h [n, 3], with functions of the domain `own`. */
function file(nodes: readonly NodeParts[], functions: readonly FunctionParts[]): Uint8Array {
  const p = new PbfWriter();
  p.writeVarintField(1, 8);
  message(p, 7, () => {
    nodes.forEach((n) => message(p, 1, writeNode(n)));
    p.writeStringField(2, 'g');
    for (const [tag, name] of [
      [11, 'x'],
      [12, 'h'],
    ] as const)
      message(p, tag, () => {
        p.writeStringField(1, name);
        message(p, 2, () =>
          message(p, 1, () => {
            p.writeVarintField(1, 1);
            message(p, 2, () => {
              message(p, 1, () => p.writeStringField(2, 'n'));
              message(p, 1, () => p.writeVarintField(1, 3));
            });
          }),
        );
      });
  });
  const imports = (tag: number): void => {
    for (const domain of ['', 'own'])
      message(p, tag, () => {
        p.writeStringField(1, domain);
        p.writeVarintField(2, domain === '' ? 17 : 1);
      });
  };
  imports(8);
  for (const f of functions)
    message(p, 25, () => {
      p.writeStringField(1, f.name);
      f.inputs.forEach((name) => p.writeStringField(4, name));
      f.outputs.forEach((name) => p.writeStringField(5, name));
      (f.attributes ?? []).forEach((name) => p.writeStringField(6, name));
      f.nodes.forEach((n) => message(p, 7, writeNode(n)));
      imports(9);
      p.writeStringField(10, 'own');
    });
  return p.finish();
}

const own = (
  op: string,
  from: string,
  to: string,
  attributes?: Record<string, number | string>,
): NodeParts => ({
  op,
  domain: 'own',
  inputs: [from],
  outputs: [to],
  ...(attributes && { attributes }),
});

/** t(x) = tanh(leaky(x)), called with two slopes; `twice` calls it. */
const LEAKY: FunctionParts = {
  name: 'Leaky',
  inputs: ['u'],
  outputs: ['v'],
  attributes: ['slope'],
  nodes: [
    { op: 'LeakyRelu', inputs: ['u'], outputs: ['t'], attributes: { alpha: 'slope' } },
    { op: 'Tanh', inputs: ['t'], outputs: ['v'] },
  ],
};
const TWICE: FunctionParts = {
  name: 'Twice',
  inputs: ['t'],
  outputs: ['v'],
  nodes: [own('Leaky', 't', 's', { slope: 0.5 }), own('Leaky', 's', 'v', { slope: 0.25 })],
};

describe('functions of the file', () => {
  it('are what ONNX Runtime makes of them, nested, with attributes, names used twice', async () => {
    const bytes = file(
      [
        own('Twice', 'x', 'a'),
        own('Leaky', 'a', 't', { slope: 0.125 }),
        { op: 'Add', inputs: ['t', 'x'], outputs: ['h'] },
      ],
      [LEAKY, TWICE],
    );
    const x = tensor('float32', [2, 3], [-2, -0.5, 0, 0.25, 1, -1]);
    const [got] = runImported(bytes, { x }, ['h'], 2);
    const { h } = await runOrt(bytes, { x });
    got.data.forEach((v, i) => expect(Math.abs(v - Number(h.data[i]))).toBeLessThanOrEqual(1e-6));
    const results = decodeModel(bytes).graph.nodes.flatMap((n) => n.outputs);
    expect(new Set(results).size).toBe(7);
    expect(results).toHaveLength(7);
  });

  it('that call themselves are refused', () => {
    const loop: FunctionParts = { ...TWICE, name: 'Loop', nodes: [own('Loop', 't', 'v')] };
    try {
      decodeModel(file([own('Loop', 'x', 'h')], [loop]));
    } catch (e) {
      expect([(e as FimError).code, (e as FimError).kind]).toEqual(['onnx/functions', 'bad-input']);
      return;
    }
    expect.unreachable();
  });
});
