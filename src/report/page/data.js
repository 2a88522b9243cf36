"use strict";
// What the page carries: numbers out of their base64, matrices, names. Knows nothing of what is drawn.

const data = JSON.parse(document.getElementById("data").textContent);

function bytesOf(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes.buffer;
}
const floats = (text) => new Float32Array(bytesOf(text));

/** A matrix, dense or by rows; its numbers are read when they are first wanted. */
class Matrix {
  constructor({ rows, columns, indptr, indices, values }) {
    Object.assign(this, { rows, columns, isSparse: indptr !== undefined });
    this.packed = { indptr, indices, values };
  }
  /** The values that are kept: all, row by row, or those that are not 0. */
  get values() {
    return this.read("values", floats);
  }
  get indptr() {
    return this.read("indptr", (text) => new Uint32Array(bytesOf(text)));
  }
  get indices() {
    return this.read("indices", (text) => new Uint32Array(bytesOf(text)));
  }
  read(name, how) {
    if (typeof this.packed[name] === "string") this.packed[name] = how(this.packed[name]);
    return this.packed[name];
  }
  at(row, column) {
    if (!this.isSparse) return this.values[row * this.columns + column];
    const { indptr, indices } = this;
    let [low, high] = [indptr[row], indptr[row + 1]];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (indices[middle] < column) low = middle + 1;
      else high = middle;
    }
    return low < indptr[row + 1] && indices[low] === column ? this.values[low] : 0;
  }
  /** Calls `act(column, value)` for what is not 0 of a row, ascending. */
  eachInRow(row, act) {
    const { values } = this;
    if (this.isSparse) {
      for (let k = this.indptr[row]; k < this.indptr[row + 1]; k++) act(this.indices[k], values[k]);
    } else {
      const start = row * this.columns;
      for (let column = 0; column < this.columns; column++) {
        if (values[start + column] !== 0) act(column, values[start + column]);
      }
    }
  }
  /** start + row · x, one chain of additions in single precision over ascending columns, each product exact. */
  chain(start, row, x) {
    const { values } = this;
    let sum = start;
    if (this.isSparse) {
      const { indptr, indices } = this;
      for (let k = indptr[row]; k < indptr[row + 1]; k++) sum = Math.fround(sum + values[k] * x[indices[k]]);
    } else {
      const first = row * this.columns;
      for (let column = 0; column < x.length; column++) sum = Math.fround(sum + values[first + column] * x[column]);
    }
    return sum;
  }
}

const nFeatures = data.features.length;
const nGates = data.gates.names.length;
const nameOf = (signal) => (signal < nFeatures ? data.features[signal] : data.gates.names[signal - nFeatures]);

const isComplemented = new Uint8Array(nGates);
for (const gate of data.gates.complemented) isComplemented[gate] = 1;

const isOutput = new Set(data.outputs);

/** The name of a signal as it is stored: marked where that is its complement. */
const storedName = (signal) => (signal >= nFeatures && isComplemented[signal - nFeatures] ? "!" : "") + nameOf(signal);

/** Operands of a gate as written: signal and whether it is negated. */
function operandsOf(gate) {
  const { starts, operands } = data.gates;
  return operands.slice(starts[gate], starts[gate + 1]).map((code) => ({ signal: code >> 1, negated: code & 1 }));
}

/** `storm = and(weather, breaking, !sport)` */
function formula(gate, most = 12) {
  const all = operandsOf(gate);
  const named = all.slice(0, most).map(({ signal, negated }) => (negated ? "!" : "") + nameOf(signal));
  if (all.length > most) named.push(`… ${all.length - most} more`);
  const kind = data.gates.kinds[gate];
  const count = ["at_least", "at_most", "exactly"].includes(kind) ? [data.gates.counts[gate]] : [];
  return `${data.gates.names[gate]} = ${kind}(${[...count, ...named].join(", ")})`;
}

const worstInput = (gate) =>
  data.gates.worst_on.slice(data.gates.worst_starts[gate], data.gates.worst_starts[gate + 1]);

const layers = data.layers.map((layer, index) => {
  const weight = new Matrix(layer.weight);
  const readoff = new Matrix(layer.readoff);
  const maybe = (table) => (table ? new Matrix(table) : null);
  const threshold = floats(layer.threshold);
  return {
    ...layer,
    index,
    weight,
    readoff,
    threshold,
    bias: floats(layer.bias),
    readoffBias: floats(layer.readoff_bias),
    writes: maybe(layer.writes),
    offset: layer.offset ? floats(layer.offset) : null,
    compute: maybe(layer.compute),
    decompress: maybe(layer.decompress),
  };
});
const dictionary = data.dictionary ? new Matrix(data.dictionary.embedding) : null;

/** Where a gate is: its layer, and its place in what that reads off. */
const firstGate = layers.map(() => 0);
layers.forEach((layer, index) => (firstGate[index + 1] = firstGate[index] + layer.n_gates));
const placeOf = (gate) => ({
  layer: layers[data.gates.layers[gate]],
  place: gate - firstGate[data.gates.layers[gate]],
});

/** The threshold of a gate as written. */
function thresholdOf(gate) {
  const { layer, place } = placeOf(gate);
  return isComplemented[gate] ? Math.fround(1 - layer.threshold[place]) : layer.threshold[place];
}

const figuresOf = (figures) =>
  figures && {
    ...figures,
    errors: floats(figures.errors),
    code: floats(figures.code),
  };
const ours = figuresOf(data.figures);
const linear = figuresOf(data.baseline);
