/**
 * @module test/onnx/mutations/open-answers
 *
 * Nodes whose answer the specification leaves open, or where ONNX Runtime departs from it: the one node, the one form of it and the
 * operands by which it is so. What differs behind such a node says nothing.
 */
import { type Tensor } from '../../../src/core/tensor.js';
import { evaluate } from '../../../src/engine/oracle/evaluate.js';
import { isBatch } from '../../../src/graph/dims.js';
import type { ImportedModel } from '../../../src/graph/onnx/index.js';
import type { OnnxGraph, OnnxNode } from '../../../src/graph/onnx/proto/index.js';
import { FimError } from '../../../src/core/errors.js';
import type { Value } from '../../../src/graph/value.js';
import { bindings } from '../evaluate.js';

/** A file with a draw of its inputs. */
export interface Drawn {
  readonly model: ImportedModel;
  readonly graph: OnnxGraph;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly n: number;
}

/** One node of a drawn file. */
class Asked {
  constructor(
    private readonly of: Drawn,
    readonly node: OnnxNode,
  ) {}

  int(name: string, otherwise: number): number {
    const a = this.node.attributes[name];
    return a?.type === 'int' ? a.value : otherwise;
  }

  text(name: string, otherwise: string): string {
    const a = this.node.attributes[name];
    return a?.type === 'string' ? a.value : otherwise;
  }

  /** Numbers of an operand; none where it has none. */
  numbers(i: number): readonly number[] {
    const value = this.value(i);
    if (!value) return [];
    const { model, feeds, n } = this.of;
    return Array.from(evaluate([value], bindings(model, [value], feeds), n)[0].data);
  }

  /** Lengths of the axes of an operand, the examples' NaN. */
  shape(i: number): readonly number[] {
    return this.value(i)?.shape.map((d) => (isBatch(d) ? NaN : d)) ?? [];
  }

  private value(i: number): Value | null {
    const name = this.node.inputs[i] ?? '';
    if (name === '') return null;
    try {
      return this.of.model.value(name);
    } catch (error) {
      if (error instanceof FimError) return null;
      throw error;
    }
  }
}

type Rule = (a: Asked) => string | null;

const when = (open: boolean, says: string): string | null => (open ? says : null);

/** Lengths from 1 on are those of a sequence. */
const recurrent: Rule = (a) =>
  when(
    a.numbers(4).some((x) => x < 1),
    'a sequence without a step',
  );

const loss: Rule = (a) => {
  const classes = a.shape(0)[1];
  const ignored = a.int('ignore_index', NaN);
  return when(
    a.numbers(1).some((y) => y !== ignored && !(y >= 0 && y < classes)),
    'a label that is none of the classes',
  );
};

/** Coordinates that are counted from the last element. */
const ENDS = new Set(['align_corners', 'tf_crop_and_resize']);

/** ONNX divides by scale · length − 1 (its backend suite, resize_…_scales_…_align_corners), ONNX Runtime by the whole part less 1. */
const resize: Rule = (a) => {
  const shape = a.shape(0);
  const scales = a.numbers(2);
  const broken = scales.some((s, i) => !Number.isNaN(shape[i]) && !Number.isInteger(s * shape[i]));
  return when(
    broken && ENDS.has(a.text('coordinate_transformation_mode', 'half_pixel')),
    'Resize to a length that is not whole',
  );
};

/** ONNX Runtime reads beyond the operand. */
const pad: Rule = (a) => {
  const mode = a.text('mode', 'constant');
  const shape = a.shape(0);
  const pads = a.numbers(1);
  const axes = a.node.inputs[3] ? a.numbers(3) : [...shape.keys()];
  const most = (axis: number): number =>
    shape[axis < 0 ? axis + shape.length : axis] - (mode === 'reflect' ? 1 : 0);
  const beyond = pads.some((p, i) => p > most(axes[i % axes.length]));
  return when(beyond && (mode === 'reflect' || mode === 'wrap'), 'Pad that wraps around more than once');
};

const topK: Rule = (a) => when(a.int('sorted', 1) === 0, 'TopK in any order');

const RULES: Readonly<Record<string, Rule>> = {
  RNN: recurrent,
  GRU: recurrent,
  LSTM: recurrent,
  NegativeLogLikelihoodLoss: loss,
  SoftmaxCrossEntropyLoss: loss,
  Resize: resize,
  Pad: pad,
  TopK: topK,
};

/** Nodes that an output is computed by. */
function nodesBefore(graph: OnnxGraph, output: string): OnnxNode[] {
  const needed = new Set([output]);
  return [...graph.nodes].reverse().filter((node) => {
    if (!node.outputs.some((name) => needed.has(name))) return false;
    for (const name of node.inputs) needed.add(name);
    return true;
  });
}

/** Why an output may be any other for this draw; null where it may not. */
export function openAnswer(drawn: Drawn, output: string): string | null {
  for (const node of nodesBefore(drawn.graph, output)) {
    const rule = Object.hasOwn(RULES, node.opType) ? RULES[node.opType] : null;
    const says = rule?.(new Asked(drawn, node)) ?? null;
    if (says !== null) return says;
  }
  return null;
}
