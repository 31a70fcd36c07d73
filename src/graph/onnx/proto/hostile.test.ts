import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { PbfWriter } from 'pbf';
import { describe, expect, it } from 'vitest';
import { FimError } from '../../../core/errors.js';
import { hashString, Sequence } from '../../../core/random.js';
import { decodeModel, encodeModel, type OnnxModel } from './index.js';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../../../../test/fixtures/models/${name}/model.onnx`, import.meta.url));

/** The model, or the FimError's code; every other error goes on. */
function outcome(bytes: Uint8Array): OnnxModel | string {
  try {
    return decodeModel(bytes, { external: () => new Uint8Array(64) });
  } catch (e) {
    if (e instanceof FimError && e.code.startsWith('onnx/')) return e.code;
    throw e;
  }
}

const codeOf = (bytes: Uint8Array): string => {
  const result = outcome(bytes);
  return typeof result === 'string' ? result : 'a model';
};

/** What decodes has to survive the writer, unless ONNX's types beyond tensors are in it. */
function expectStable(model: OnnxModel): void {
  let bytes: Uint8Array;
  try {
    bytes = encodeModel(model);
  } catch (e) {
    if (e instanceof FimError && e.code === 'onnx/write') return;
    throw e;
  }
  const { notes: _, ...said } = model;
  const again = decodeModel(bytes);
  if (!isDeepStrictEqual(again, said)) expect(again).toStrictEqual(said);
}

describe('bytes that were cut or changed', () => {
  it.each(['golden-4-5-3', 'digits-mlp-sigmoid-small', 'wine-multilabel'])(
    '%s cut at every byte is refused',
    (name) => {
      const bytes = fixture(name);
      const seen = new Set<string>();
      for (let length = 0; length < bytes.length; length++) seen.add(codeOf(bytes.subarray(0, length)));
      expect(seen).not.toContain('a model');
      // A cut between two fields of the model leaves no trace but what is missing behind it.
      const between = ['onnx/empty', 'onnx/not-onnx', 'onnx/truncated', 'onnx/no-opset'];
      expect([...seen].filter((c) => !between.includes(c))).toEqual([]);
    },
  );

  it('bytes flipped, dropped, doubled and overwritten end in a model or in one clear error', () => {
    const s = new Sequence(1, 'fuzz onnx');
    let models = 0;
    let refused = 0;
    for (const name of ['golden-4-5-3', 'digits-mlp-sigmoid-small', 'diabetes-regression']) {
      const original = fixture(name);
      for (let run = 0; run < 1500; run++) {
        const result = outcome(damage(original, s));
        if (typeof result === 'string') refused++;
        else {
          models++;
          expectStable(result);
        }
      }
    }
    // Most of a file is weights, so many changes leave a model; the others have to be noticed.
    expect(models).toBeGreaterThan(500);
    expect(refused).toBeGreaterThan(500);
  });

  it('bytes without any sense behind a plausible start are refused', () => {
    const s = new Sequence(hashString('noise'), 'fuzz onnx');
    for (let run = 0; run < 1500; run++) {
      const noise = Uint8Array.from({ length: 2 + s.integer(120) }, () => s.integer(256));
      noise.set([0x08, 0x08, 0x3a, s.integer(100)].slice(0, noise.length));
      expect(codeOf(noise)).toMatch(/^onnx\//);
    }
  });
});

/** One to three random changes. */
function damage(original: Uint8Array, s: Sequence): Uint8Array {
  let bytes = Uint8Array.from(original);
  for (let k = s.integer(3); k >= 0; k--) {
    const at = s.integer(bytes.length);
    const kind = s.integer(6);
    if (kind === 0) bytes[at] ^= 1 << s.integer(8);
    else if (kind === 1) bytes[at] = s.integer(256);
    else if (kind === 2) bytes[at] = [0, 0x7f, 0x80, 0xff][s.integer(4)];
    else if (kind === 3) bytes.fill(0xff, at, at + s.integer(12));
    else if (kind === 4)
      bytes = Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + 1 + s.integer(8)));
    else bytes = Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(Math.max(0, at - s.integer(40))));
    if (bytes.length === 0) break;
  }
  return bytes;
}

function message(write: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter();
  write(pbf);
  return pbf.finish();
}

/** A model around the fields of a graph. */
const graph = (write: (pbf: PbfWriter) => void): Uint8Array =>
  message((p) => {
    p.writeVarintField(1, 8);
    p.writeMessage(7, () => write(p), null);
    p.writeMessage(8, () => p.writeVarintField(2, 17), null);
  });

/** A model around the fields of one attribute. */
const attribute = (write: (pbf: PbfWriter) => void): Uint8Array =>
  graph((p) => {
    const node = (): void => {
      p.writeStringField(3, 'the node');
      p.writeStringField(4, 'Op');
      p.writeMessage(5, () => write(p), null);
    };
    p.writeMessage(1, node, null);
  });

describe('encodings that attack the reader', () => {
  it('graphs in graphs without end', () => {
    let inner: Uint8Array = new Uint8Array(0);
    for (let depth = 0; depth < 3000; depth++) {
      const body = inner;
      const node = message((p) => {
        p.writeStringField(4, 'If');
        p.writeMessage(5, () => p.writeBytesField(6, body), null);
      });
      inner = message((p) => p.writeBytesField(1, node));
    }
    expect(codeOf(message((p) => p.writeBytesField(7, inner)))).toBe('onnx/nesting');
  });

  it.each<[string, string, number[]]>([
    ['an integer of eleven bytes', 'onnx/malformed', [0x08, ...new Array<number>(10).fill(0xff), 0x01]],
    ['an integer without an end', 'onnx/truncated', [0x08, 0xff, 0xff]],
    ['a length beyond the file', 'onnx/truncated', [0x08, 0x08, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['a length beyond 2⁶³', 'onnx/truncated', [0x08, 0x08, 0x3a, ...new Array<number>(9).fill(0xff), 0x01]],
    ['a value that leaves its message', 'onnx/truncated', [0x08, 0x08, 0x3a, 0x02, 0x12, 0x05, 0x61]],
    ['a group', 'onnx/malformed', [0x08, 0x08, 0x0b]],
    ['field number 0', 'onnx/malformed', [0x08, 0x08, 0x00, 0x00]],
    ['a field number beyond 2²⁹', 'onnx/malformed', [0x08, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['a number where the graph belongs', 'onnx/malformed', [0x08, 0x08, 0x38, 0x01]],
    ['bytes where the version belongs', 'onnx/malformed', [0x12, 0x00, 0x0a, 0x00]],
    ['text that is not UTF-8', 'onnx/malformed', [0x08, 0x08, 0x12, 0x02, 0xc3, 0x28]],
    ['text that is a lone surrogate', 'onnx/malformed', [0x08, 0x08, 0x12, 0x03, 0xed, 0xa0, 0x80]],
    ['two graphs', 'onnx/malformed', [0x08, 0x08, 0x3a, 0x00, 0x3a, 0x00]],
    ['no graph', 'onnx/not-onnx', [0x08, 0x08, 0x42, 0x02, 0x10, 0x11]],
    ['no operator set', 'onnx/no-opset', [0x08, 0x08, 0x3a, 0x00]],
    ['no version', 'onnx/ir-version', [0x3a, 0x00, 0x42, 0x02, 0x10, 0x11]],
    ['a version of 2017', 'onnx/ir-version', [0x08, 0x02]],
    ['a version of the future', 'onnx/ir-version', [0x08, 0x63]],
  ])('%s: %s', (_, code, bytes) => expect(codeOf(Uint8Array.from(bytes))).toBe(code));

  it('unknown fields are skipped', () => {
    const bytes = message((p) => {
      p.writeVarintField(1, 8);
      p.writeDoubleField(1000, 1);
      p.writeFloatField(1001, 1);
      p.writeVarintField(1002, 2 ** 60);
      p.writeStringField(1003, 'later');
      p.writeMessage(7, () => p.writeStringField(2, 'g'), null);
      p.writeMessage(8, () => p.writeVarintField(2, 17), null);
    });
    expect(decodeModel(bytes).graph.name).toBe('g');
  });
});

describe('what ONNX has and fim refuses, by name', () => {
  function complaint(bytes: Uint8Array): FimError {
    try {
      decodeModel(bytes);
    } catch (e) {
      if (e instanceof FimError) return e;
      throw e;
    }
    return expect.unreachable();
  }

  it('sparse initialisers', () => {
    const e = complaint(
      graph((p) => {
        const values = (): void => p.writeStringField(8, 'sparse.weight');
        p.writeMessage(15, () => p.writeMessage(1, values, null), null);
      }),
    );
    expect([e.code, e.kind]).toEqual(['onnx/sparse', 'unsupported']);
    expect(e.message).toContain('sparse.weight');
  });

  it.each<[string, string, (p: PbfWriter) => void]>([
    [
      'a sparse value',
      'onnx/sparse',
      (p) => {
        p.writeStringField(1, 'a');
        p.writeMessage(22, () => undefined, null);
        p.writeVarintField(20, 11);
      },
    ],
    [
      'a type',
      'onnx/attribute',
      (p) => {
        p.writeStringField(1, 'a');
        p.writeVarintField(20, 13);
      },
    ],
    [
      'a reference',
      'onnx/attribute',
      (p) => {
        p.writeStringField(1, 'a');
        p.writeStringField(21, 'alpha');
      },
    ],
    ['no name', 'onnx/attribute', (p) => p.writeVarintField(20, 1)],
    ['no type', 'onnx/attribute', (p) => p.writeStringField(1, 'a')],
    [
      'an unknown type',
      'onnx/attribute',
      (p) => {
        p.writeStringField(1, 'a');
        p.writeVarintField(20, 77);
      },
    ],
    [
      'a value of another type',
      'onnx/attribute',
      (p) => {
        p.writeStringField(1, 'a');
        p.writeFloatField(2, 1);
        p.writeVarintField(20, 2);
      },
    ],
    [
      'no tensor',
      'onnx/attribute',
      (p) => {
        p.writeStringField(1, 'a');
        p.writeVarintField(20, 4);
      },
    ],
  ])('an attribute with %s', (_, code, write) => {
    const e = complaint(attribute(write));
    expect(e.code).toBe(code);
    expect(e.message).toContain('the node');
  });

  it('an attribute twice, and a node without operator', () => {
    const twice = graph((p) => {
      const alpha = (): void => {
        p.writeStringField(1, 'alpha');
        p.writeVarintField(20, 1);
      };
      const node = (): void => {
        p.writeStringField(4, 'Op');
        p.writeMessage(5, alpha, null);
        p.writeMessage(5, alpha, null);
      };
      p.writeMessage(1, node, null);
    });
    expect(complaint(twice).message).toContain('"alpha" twice');
    const nameless = graph((p) => p.writeMessage(1, () => p.writeStringField(3, 'n7'), null));
    expect(complaint(nameless).message).toContain('n7');
  });
});

describe('what ONNX leaves open', () => {
  const only = (write: (p: PbfWriter) => void): unknown =>
    decodeModel(attribute(write)).graph.nodes[0].attributes.a;

  it('zeros that a proto3 writer leaves out', () => {
    const typed = (type: number) => (p: PbfWriter) => {
      p.writeStringField(1, 'a');
      p.writeVarintField(20, type);
    };
    expect(only(typed(1))).toEqual({ type: 'float', value: 0 });
    expect(only(typed(2))).toEqual({ type: 'int', value: 0 });
    expect(only(typed(3))).toEqual({ type: 'string', value: '' });
    expect(only(typed(7))).toEqual({ type: 'ints', value: [] });
  });

  it('lists that are packed, and a type that only the field tells', () => {
    const packed = only((p) => {
      p.writeStringField(1, 'a');
      p.writePackedVarint(8, [3, -1, 300]);
    });
    expect(packed).toEqual({ type: 'ints', value: [3, -1, 300] });
  });

  it('unknown dimensions and element types', () => {
    const bytes = graph((p) => {
      const dimension = (write: () => void): void => p.writeMessage(1, write, null);
      const shape = (): void => {
        dimension(() => p.writeVarintField(1, -1));
        dimension(() => p.writeStringField(2, ''));
        dimension(() => p.writeStringField(2, 'n'));
        dimension(() => undefined);
        dimension(() => p.writeVarintField(1, 0));
      };
      const info = (type: () => void): void => {
        p.writeStringField(1, 'v');
        p.writeMessage(2, type, null);
      };
      p.writeMessage(
        11,
        () => info(() => p.writeMessage(1, () => p.writeMessage(2, shape, null), null)),
        null,
      );
      p.writeMessage(11, () => info(() => p.writeMessage(4, () => undefined, null)), null);
      p.writeMessage(11, () => p.writeStringField(1, 'v'), null);
    });
    expect(decodeModel(bytes).graph.inputs).toEqual([
      { name: 'v', elemType: null, shape: [null, null, 'n', null, 0] },
      { name: 'v', elemType: 'sequence', shape: null },
      { name: 'v', elemType: null, shape: null },
    ]);
  });

  it('parts that are left out are noted', () => {
    const bytes = message((p) => {
      p.writeVarintField(1, 8);
      p.writeMessage(7, () => p.writeMessage(14, () => undefined, null), null);
      p.writeMessage(8, () => p.writeVarintField(2, 17), null);
      p.writeMessage(20, () => undefined, null);
    });
    expect(decodeModel(bytes).notes).toEqual([
      'quantisation annotations were left out',
      'training information was left out',
    ]);
  });
});
