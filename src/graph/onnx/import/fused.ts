/**
 * @module graph/onnx/import/fused
 *
 * Table of the operators of com.microsoft that ONNX Runtime's optimiser makes of ONNX's own, expanded into the core again.
 * Source: microsoft/onnxruntime, docs/ContribOperators.md.
 */
import type { NormaliserTable } from './context.js';
import { biasAdd, biasGelu, fastGelu, geluOfRuntime, quickGelu } from './operators/fused/activations.js';
import { attentionOfRuntime, groupQueryAttention, multiHeadAttention } from './operators/fused/attention.js';
import { embedLayerNormalization } from './operators/fused/embed.js';
import { fusedConv, fusedGemm, fusedMatMul } from './operators/fused/matrix.js';
import {
  simplifiedLayerNormalization,
  skipLayerNormalization,
  skipSimplifiedLayerNormalization,
} from './operators/fused/norms.js';
import { rotaryEmbeddingOfRuntime } from './operators/rotary-embedding.js';
import { trilu } from './operators/trilu.js';

export const FUSED: NormaliserTable = {
  Attention: attentionOfRuntime,
  BiasAdd: biasAdd,
  BiasGelu: biasGelu,
  EmbedLayerNormalization: embedLayerNormalization,
  FastGelu: fastGelu,
  FusedConv: fusedConv,
  FusedGemm: fusedGemm,
  FusedMatMul: fusedMatMul,
  Gelu: geluOfRuntime,
  GroupQueryAttention: groupQueryAttention,
  MultiHeadAttention: multiHeadAttention,
  QuickGelu: quickGelu,
  RotaryEmbedding: rotaryEmbeddingOfRuntime,
  SimplifiedLayerNormalization: simplifiedLayerNormalization,
  SkipLayerNormalization: skipLayerNormalization,
  SkipSimplifiedLayerNormalization: skipSimplifiedLayerNormalization,
  TransposeMatMul: fusedMatMul,
  Trilu: trilu,
};
