/**
 * @module bench/tools/sheet
 *
 * ONNX written by hand, a node a line: what an expert would write for one network, without the library's graphs, derivatives or
 * rewriting. Only the encoder of the file format is shared.
 */
import * as ort from 'onnxruntime-node';
import { type Tensor, tensor } from '../../src/core/tensor.js';
import { encodeModel } from '../../src/graph/onnx/proto/index.js';
import type { OnnxAttribute, OnnxNode, OnnxTensor, OnnxValueInfo } from '../../src/graph/onnx/proto/types.js';

export class Sheet {
  private readonly nodes: OnnxNode[] = [];
  private readonly initializers: OnnxTensor[] = [];
  private readonly inputs: OnnxValueInfo[] = [];
  private readonly outputs: OnnxValueInfo[] = [];

  /** A float32 input. */
  input(name: string, shape: readonly number[]): string {
    this.inputs.push({ name, elemType: 'float32', shape });
    return name;
  }

  /** A constant inside the file. */
  constant(t: Tensor): string {
    const name = `constant${this.initializers.length}`;
    this.initializers.push({ ...t, name });
    return name;
  }

  integers(values: readonly number[]): string {
    return this.constant(tensor('int64', [values.length], values));
  }

  node(opType: string, inputs: readonly string[], attributes: Readonly<Record<string, number>> = {}): string {
    const name = `value${this.nodes.length}`;
    const given = Object.entries(attributes).map(([k, value]): [string, OnnxAttribute] => [
      k,
      { type: 'int', value },
    ]);
    this.nodes.push({
      name,
      opType,
      domain: '',
      inputs,
      outputs: [name],
      attributes: Object.fromEntries(given),
    });
    return name;
  }

  output(name: string, value: string): void {
    this.nodes.push({
      name,
      opType: 'Identity',
      domain: '',
      inputs: [value],
      outputs: [name],
      attributes: {},
    });
    this.outputs.push({ name, elemType: 'float32', shape: null });
  }

  /** One session, one thread. */
  async session(): Promise<ort.InferenceSession> {
    const model = encodeModel({
      irVersion: 8,
      producerName: 'bench',
      producerVersion: '',
      opsets: [{ domain: '', version: 17 }],
      metadata: {},
      graph: {
        name: 'by hand',
        nodes: this.nodes,
        initializers: this.initializers,
        inputs: this.inputs,
        outputs: this.outputs,
        valueInfo: [],
      },
    });
    return ort.InferenceSession.create(model, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    });
  }
}
