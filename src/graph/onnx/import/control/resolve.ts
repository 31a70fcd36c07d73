/**
 * @module graph/onnx/import/control/resolve
 *
 * Control flow resolved where it is known when the file is read: an If by its condition, a Loop by its count and its condition, a Scan by
 * the length of what it scans. A body takes the node's place, once or once for each repetition, with the tensors that it holds shared, so
 * that a weight that is used in every step is one. An If whose condition is one number for each example becomes both branches and a choice
 * between their results. Other control flow that depends on the data stays as it is, and is reported as not covered.
 * Source: onnx/onnx, Operators.md (If, Loop, Scan from opset 9).
 */
import type { OnnxGraph, OnnxNode, OnnxTensor } from '../../proto/index.js';
import { inlineBody, Names, type Placement } from './body.js';
import { choiceOf, copy, count, element, holds, stack } from './nodes.js';

/** What the reader tells of the graph so far. */
export interface Knowledge {
  /** The one number of a value that is known now, else null. */
  number(graph: OnnxGraph, name: string): number | null;
  /** The length of an axis that is known now and does not hold the examples, else null. */
  length(graph: OnnxGraph, name: string, axis: number): number | null;
  /** Whether a value is computed and has one number for each example, or one in all. */
  single(graph: OnnxGraph, name: string): boolean;
  /** The opset of ONNX's own operators. */
  readonly opset: number;
}

/** What a node becomes. */
interface Straight {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  /** Names of the tensors of bodies, these and those before. */
  readonly given: Map<OnnxTensor, string>;
}

/** Most repetitions of a body. */
const LONGEST = 1024;
/** Most nodes that control flow becomes. */
const MOST_NODES = 2 ** 16;

const CONTROL = new Set(['If', 'Loop', 'Scan']);

/** Whether a node is an If, a Loop or a Scan. */
export const isControl = (n: OnnxNode): boolean =>
  (n.domain === '' || n.domain === 'ai.onnx') && CONTROL.has(n.opType);

/** The graph with all control flow resolved that is known. */
export function resolveControl(graph: OnnxGraph, known: Knowledge): OnnxGraph {
  let now = graph;
  let made = 0;
  // One list of names for all: what was tried in vain may have been read.
  const names = new Names(graph);
  let given = new Map<OnnxTensor, string>();
  for (let i = 0; i < now.nodes.length; i++) {
    const node = now.nodes[i];
    if (!isControl(node)) continue;
    const straight = new Resolution(now, node, known, { names, given }).result();
    if (!straight) continue;
    made += straight.nodes.length;
    if (made > MOST_NODES) return now;
    now = spliced(now, i, straight);
    given = straight.given;
    i--; // Bodies may hold control flow themselves.
  }
  return now;
}

function spliced(graph: OnnxGraph, at: number, { nodes, initializers }: Straight): OnnxGraph {
  return {
    ...graph,
    nodes: [...graph.nodes.slice(0, at), ...nodes, ...graph.nodes.slice(at + 1)],
    initializers: [...graph.initializers, ...initializers],
  };
}

/** One node on its way to straight-line nodes. */
class Resolution {
  private readonly place: string;
  private readonly nodes: OnnxNode[] = [];
  private readonly initializers: OnnxTensor[] = [];
  private readonly shared = new Map<string, string>();
  private readonly names: Names;
  private readonly given: Map<OnnxTensor, string>;

  constructor(
    private readonly graph: OnnxGraph,
    private readonly node: OnnxNode,
    private readonly known: Knowledge,
    { names, given }: Pick<Placement, 'names' | 'given'>,
  ) {
    this.names = names;
    // What is tried in vain gives nothing.
    this.given = new Map(given);
    this.place = node.outputs.find((o) => o !== '') ?? node.opType;
  }

  /** Null where something is not known. */
  result(): Straight | null {
    const done =
      this.node.opType === 'If' ? this.if() : this.node.opType === 'Loop' ? this.loop() : this.scan();
    return done ? { nodes: this.nodes, initializers: this.initializers, given: this.given } : null;
  }

  private if(): boolean {
    const condition = this.known.number(this.graph, this.node.inputs[0] ?? '');
    if (condition === null) return this.choice();
    const branch = this.body(condition !== 0 ? 'then_branch' : 'else_branch');
    if (!branch) return false;
    this.finish(this.inline(branch, new Map()));
    return true;
  }

  /** Both branches, and of each pair of results the one that the condition takes; the reader sees whether they fit. */
  private choice(): boolean {
    const [condition = ''] = this.node.inputs;
    const branches = [this.body('then_branch'), this.body('else_branch')];
    if (branches.some((g) => g?.outputs.length !== this.node.outputs.length)) return false;
    if (!this.known.single(this.graph, condition)) return false;
    const [met, unmet] = branches.map((g) => this.inline(g!, new Map(), new Map()));
    this.node.outputs.forEach((to, i) => {
      if (to !== '') this.nodes.push(choiceOf(this.node, [condition, met[i], unmet[i]], to));
    });
    return true;
  }

  private loop(): boolean {
    const body = this.body('body');
    const [trips = '', condition = '', ...initial] = this.node.inputs;
    if (!body || body.inputs.length !== initial.length + 2) return false;
    const most = trips === '' ? Infinity : this.known.number(this.graph, trips);
    if (most === null || (trips === '' && condition === '')) return false;
    let goes = condition === '' ? 1 : this.known.number(this.graph, condition);
    let carried: readonly string[] = initial;
    const rows: string[][] = body.outputs.slice(initial.length + 1).map(() => []);
    for (let step = 0; step < most; step++) {
      if (goes === null || step >= LONGEST) return false;
      if (goes === 0) break;
      const inputs = [this.number(step), this.truth(), ...carried];
      const [next, ...outputs] = this.inline(body, new Map(body.inputs.map((v, i) => [v.name, inputs[i]])));
      carried = outputs.slice(0, initial.length);
      rows.forEach((list, i) => list.push(outputs[initial.length + i]));
      if (condition !== '') goes = this.seen(next);
    }
    return this.stacked(carried, rows, []);
  }

  private scan(): boolean {
    const body = this.body('body');
    const scanned = this.int('num_scan_inputs');
    if (!body || !(scanned >= 1) || this.known.opset < 9) return false;
    const states = this.node.inputs.length - scanned;
    if (states < 0 || body.inputs.length !== this.node.inputs.length) return false;
    const lists = this.node.inputs.slice(states);
    const axes = this.ints('scan_input_axes');
    const length = this.known.length(this.graph, lists[0], axes[0] ?? 0);
    if (length === null || length > LONGEST) return false;
    if (lists.some((l, i) => this.known.length(this.graph, l, axes[i] ?? 0) !== length)) return false;
    let carried: readonly string[] = this.node.inputs.slice(0, states);
    const rows: string[][] = body.outputs.slice(states).map(() => []);
    const backwards = this.ints('scan_input_directions');
    const turned = this.ints('scan_output_directions');
    for (let step = 0; step < length; step++) {
      const elements = lists.map((list, i) => {
        const to = this.fresh('element');
        const index = this.number(backwards[i] === 1 ? length - 1 - step : step);
        this.nodes.push(element(list, index, axes[i] ?? 0, to));
        return to;
      });
      const inputs = [...carried, ...elements];
      const outputs = this.inline(body, new Map(body.inputs.map((v, i) => [v.name, inputs[i]])));
      carried = outputs.slice(0, states);
      rows.forEach((list, i) =>
        turned[i] === 1 ? list.unshift(outputs[states + i]) : list.push(outputs[states + i]),
      );
    }
    return this.stacked(carried, rows, this.ints('scan_output_axes'));
  }

  /** Gives the node's outputs their names: what is carried, then what is gathered. */
  private stacked(carried: readonly string[], rows: readonly string[][], axes: readonly number[]): boolean {
    const outputs = this.node.outputs.slice(carried.length);
    const wanted = rows.filter((_, i) => (outputs[i] ?? '') !== '');
    if (wanted.some((list) => list.length === 0)) return false; // A stack of nothing has no shape.
    this.finish(carried);
    rows.forEach((list, i) => {
      if ((outputs[i] ?? '') === '') return;
      this.nodes.push(...stack(list, axes[i] ?? 0, outputs[i], this.opset, (n) => this.fresh(n)));
    });
    return true;
  }

  private finish(values: readonly string[]): void {
    values.forEach((v, i) => {
      const to = this.node.outputs[i] ?? '';
      if (to !== '') this.nodes.push(copy(v, to));
    });
  }

  private inline(body: OnnxGraph, bound: Placement['bound'], shared = this.shared): readonly string[] {
    const { names, place, given } = this;
    const { nodes, initializers, outputs } = inlineBody(body, { names, place, bound, shared, given });
    this.nodes.push(...nodes);
    this.initializers.push(...initializers);
    return outputs;
  }

  /** A number of the graph as it would be with what is made so far. */
  private seen(name: string): number | null {
    const { graph, node, nodes, initializers } = this;
    const others = graph.nodes.filter((n) => n !== node);
    const outputs = graph.outputs.filter((o) => !node.outputs.includes(o.name));
    return this.known.number(
      {
        ...graph,
        nodes: [...others, ...nodes],
        initializers: [...graph.initializers, ...initializers],
        outputs,
      },
      name,
    );
  }

  private number(value: number): string {
    return this.made(`step_${value}`, (to) => count(value, to));
  }

  private truth(): string {
    return this.made('goes_on', holds);
  }

  /** A constant that is made once. */
  private made(name: string, make: (to: string) => OnnxNode): string {
    const key = `\0${name}`;
    const before = this.shared.get(key);
    if (before !== undefined) return before;
    const to = this.fresh(name);
    this.nodes.push(make(to));
    this.shared.set(key, to);
    return to;
  }

  private fresh(name: string): string {
    return this.names.fresh(`${this.place}/${name}`, this.place);
  }

  private get opset(): number {
    return this.node.opset ?? this.known.opset;
  }

  private body(name: string): OnnxGraph | null {
    const a = Object.hasOwn(this.node.attributes, name) ? this.node.attributes[name] : null;
    return a?.type === 'graph' ? a.value : null;
  }

  private int(name: string): number {
    const a = this.node.attributes[name];
    return a?.type === 'int' ? a.value : NaN;
  }

  private ints(name: string): readonly number[] {
    const a = this.node.attributes[name];
    return a?.type === 'ints' ? a.value : [];
  }
}
