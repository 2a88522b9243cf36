// The network, run on one input as every evaluation runs it: the same sums in the same order, in single precision.
// Beside it the circuit, which says what is true.

/** Sums columns of a matrix in single precision, ascending. */
function sumColumns(start, matrix, columns) {
  const sums = Float32Array.from(start);
  for (let row = 0; row < matrix.rows; row++) {
    let sum = sums[row];
    for (let k = 0; k < columns.length; k++) sum = Math.fround(sum + matrix.at(row, columns[k]));
    sums[row] = sum;
  }
  return sums;
}

function activated(layer, sums) {
  const n = layer.width;
  const h = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    switch (layer.activation) {
      case "relu":
        h[i] = Math.max(sums[i], 0);
        break;
      case "quadratic":
        h[i] = sums[i] * sums[i];
        break;
      case "bilinear":
        h[i] = sums[i] * sums[n + i];
        break;
      default:
        h[i] = sums[i];
    }
  }
  return h;
}

/** What every layer makes of an input, features in ascending order: neurons, and what is read above them. */
function activations(on) {
  const all = [];
  let below = dictionary ? sumColumns(new Float32Array(dictionary.rows), dictionary, on) : null;
  for (const layer of layers) {
    let sums;
    if (below === null) {
      sums = sumColumns(layer.bias, layer.weight, on);
    } else {
      sums = layer.bias.map((bias, row) => layer.weight.chain(bias, row, below));
    }
    const h = activated(layer, sums);
    let above = h;
    if (layer.writes) {
      above = below.map((value, row) => layer.writes.chain(Math.fround(value + layer.offset[row]), row, h));
    }
    all.push({ h, above });
    below = above;
  }
  return all;
}

/** What a layer reads off, as stored: all its signals, or those of these places. */
function readoffs(layer, above, places) {
  const of = (place) => layer.readoff.chain(layer.readoffBias[place], place, above) + 0;
  if (places) return Float32Array.from(places, of);
  return layer.readoffBias.map((_, place) => of(place));
}

const asWritten = (gate, stored) => (isComplemented[gate] ? Math.fround(1 - stored) : stored);

/** The value of every signal as written. */
function truth(on) {
  const value = new Uint8Array(nFeatures + nGates);
  for (const feature of on) value[feature] = 1;
  const { starts, operands, kinds, counts } = data.gates;
  let from = 0;
  const is = (k) => value[operands[from + k] >> 1] ^ (operands[from + k] & 1);
  for (let gate = 0; gate < nGates; gate++) {
    from = starts[gate];
    const n = starts[gate + 1] - from;
    let nTrue = 0;
    for (let k = 0; k < n; k++) nTrue += is(k);
    value[nFeatures + gate] = truthOf(kinds[gate], counts[gate], nTrue, n, is);
  }
  return value;
}

function truthOf(kind, count, nTrue, n, is) {
  switch (kind) {
    case "and":
    case "copy":
      return +(nTrue === n);
    case "nand":
      return +(nTrue !== n);
    case "or":
      return +(nTrue > 0);
    case "nor":
      return +(nTrue === 0);
    case "xor":
      return nTrue % 2;
    case "xnor":
      return 1 - (nTrue % 2);
    case "at_least":
      return +(nTrue >= count);
    case "at_most":
      return +(nTrue <= count);
    case "exactly":
      return +(nTrue === count);
    case "majority":
      return +(2 * nTrue > n);
    case "mux":
      return n < 3 ? 0 : is(0) ? is(1) : is(2);
    default: {
      for (let k = 0; k + 1 < n; k += 2) if (is(k) && is(k + 1)) return 1;
      return 0;
    }
  }
}

/** Every gate on an input: what is true, what is read, and whether that is on the right side of its threshold. */
function run(on) {
  const states = activations(on);
  const value = truth(on);
  const reading = new Float32Array(nGates);
  const isWrong = new Uint8Array(nGates);
  for (const layer of layers) {
    const places = Array.from({ length: layer.n_gates }, (_, place) => place);
    const stored = readoffs(layer, states[layer.index].above, places);
    for (const place of places) {
      const gate = firstGate[layer.index] + place;
      reading[gate] = asWritten(gate, stored[place]);
      const isOn = stored[place] > layer.threshold[place] ? 1 : 0;
      isWrong[gate] = isOn !== (value[nFeatures + gate] ^ isComplemented[gate]) ? 1 : 0;
    }
  }
  return { states, value, reading, isWrong };
}

/** The input of a gate's own: what it reads without negation on, and so down to features; nothing else. Ascending. */
const ownInputs = new Map();
function ownInput(gate) {
  if (!ownInputs.has(gate)) {
    const found = new Set();
    const seen = new Set([gate]);
    const rest = [gate];
    while (rest.length) {
      for (const { signal, negated } of operandsOf(rest.pop())) {
        if (negated) continue;
        if (signal < nFeatures) found.add(signal);
        else if (!seen.has(signal - nFeatures)) {
          seen.add(signal - nFeatures);
          rest.push(signal - nFeatures);
        }
      }
    }
    ownInputs.set(
      gate,
      [...found].sort((a, b) => a - b),
    );
  }
  return ownInputs.get(gate);
}

/** What the neurons of a gate's layer add to its read-off as written, of these states: the most first. */
function contributions(gate, states, most) {
  const { layer, place } = placeOf(gate);
  const { h } = states[layer.index];
  const turn = isComplemented[gate] ? -1 : 1;
  const weights = new Float64Array(layer.width);
  if (layer.writes) {
    layer.readoff.eachInRow(place, (dimension, weight) => {
      layer.writes.eachInRow(dimension, (neuron, written) => (weights[neuron] += weight * written));
    });
  } else {
    layer.readoff.eachInRow(place, (neuron, weight) => (weights[neuron] = weight));
  }
  const all = Array.from(weights, (weight, neuron) => ({ neuron, added: turn * weight * h[neuron] }));
  return all
    .filter(({ added }) => added !== 0)
    .sort((a, b) => Math.abs(b.added) - Math.abs(a.added))
    .slice(0, most);
}
