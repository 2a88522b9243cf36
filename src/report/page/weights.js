// Every matrix of the network as a picture: W, its factors C and D, what is read off, what is written to a stream.

/** What the coordinates are called that a layer reads. */
function coordinatesBelow(index) {
  if (index === 0 && !dictionary) return { axis: "features", name: (i) => data.features[i] };
  if (index === 0 || layers[0].writes)
    return {
      axis: layers[0].writes ? "dimensions of the stream" : "coordinates of the dictionary",
      name: (i) => `x[${i}]`,
    };
  return { axis: `neurons of ${layers[index - 1].name}`, name: (i) => `${layers[index - 1].name}.${i}` };
}
const coordinatesAbove = (layer) =>
  layer.writes
    ? { axis: "dimensions of the stream", name: (i) => `x[${i}]` }
    : { axis: `neurons of ${layer.name}`, name: (i) => `${layer.name}.${i}` };

const named = (signals, axis) => ({ axis, name: (i) => storedName(signals[i]) });

/** All of them: { label, what, matrix, rows, columns }, rows and columns with the names of both axes. */
function allMatrices() {
  const all = [];
  if (dictionary) {
    const stored = coordinatesBelow(0);
    all.push({
      label: layers[0].writes ? "W_E" : "Φ",
      what: "how features enter",
      matrix: dictionary,
      rows: stored,
      columns: { axis: "features", name: (i) => data.features[i] },
    });
  }
  for (const layer of layers) {
    const of = layers.length > 1 ? ` ${layer.name}` : "";
    const isBilinear = layer.activation === "bilinear";
    const neurons = {
      axis: `neurons of ${layer.name}${isBilinear ? ", left factors, then right ones" : ""}`,
      name: (i) => `${layer.name}.${i % layer.width}${isBilinear ? (i < layer.width ? " left" : " right") : ""}`,
    };
    const below = coordinatesBelow(layer.index);
    const signals = named(layer.below, "signals below");
    const isWeight = layer.compute === null;
    all.push({
      label: `${layer.writes ? "W_in" : "W"}${of}`,
      what: isWeight ? "what neurons read; C, with D the identity, is the same" : "what neurons read: C·D",
      matrix: layer.weight,
      rows: neurons,
      columns: below,
    });
    if (!isWeight)
      all.push({
        label: `C${of}`,
        what: "compute and compress: signals below to neurons",
        matrix: layer.compute,
        rows: neurons,
        columns: signals,
      });
    const d = layer.decompress ?? (layer.index > 0 && !layer.writes ? layers[layer.index - 1].readoff : null);
    if (d && layer.decompress) {
      all.push({
        label: `D${of}`,
        what: "decompress: what is below to signals",
        matrix: d,
        rows: named(layer.below, "signals below"),
        columns: below,
      });
    } else if (d) {
      all.push({
        label: `D${of}`,
        what: `decompress: what ${layers[layer.index - 1].name} reads off`,
        matrix: d,
        rows: named(layers[layer.index - 1].signals, "signals below"),
        columns: below,
      });
    }
    if (layer.writes)
      all.push({
        label: `W_out${of}`,
        what: "what neurons add to the stream",
        matrix: layer.writes,
        rows: coordinatesAbove(layer),
        columns: { ...neurons },
      });
    all.push({
      label: `R${of}`,
      what: "what is read off" + (layer.index + 1 < layers.length && !layer.writes ? "; D of the layer above" : ""),
      matrix: layer.readoff,
      rows: named(layer.signals, "signals that are read off"),
      columns: coordinatesAbove(layer),
    });
  }
  return all;
}

function addWeights() {
  const all = allMatrices();
  const kept = (matrix) => {
    let n = 0;
    for (const value of matrix.values) if (value !== 0) n++;
    return n;
  };
  const [nonzeros, places] = layers.reduce(
    ([a, b], layer) => [a + kept(layer.weight), b + layer.weight.rows * layer.weight.columns],
    [0, 0],
  );
  let chosen = all[0];
  let heat = null;
  let width = 0;
  const words = html("p", { class: "note inside" });
  const holder = html("div", {});
  const buttons = all.map((matrix) =>
    html(
      "button",
      {
        type: "button",
        onclick: () => {
          chosen = matrix;
          show();
        },
      },
      matrix.label,
    ),
  );
  const show = () => {
    const { matrix, rows, columns, what } = chosen;
    const most = usualSize(matrix.values) || 1;
    words.textContent =
      `${chosen.label}: ${what}. ${grouped(matrix.rows)} × ${grouped(matrix.columns)}, ${grouped(kept(matrix))} ` +
      "not 0.";
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(all[i] === chosen)));
    heat = new Heat({
      rows: matrix.rows,
      columns: matrix.columns,
      rowName: rows.name,
      columnName: columns.name,
      rowAxis: rows.axis,
      columnAxis: columns.axis,
      most,
      bins: (r, c, nRows, nColumns) => extremes(matrix, r, c, nRows, nColumns),
      tell: (row, column) => [
        tipTitle(figure3(matrix.at(row, column))),
        tipLine(`row: ${rows.name(row)}`),
        tipLine(`column: ${columns.name(column)}`),
      ],
    });
    holder.replaceChildren(heat.element);
    heat.layout(width);
  };
  addFigure({
    id: "weights",
    short: "Weights",
    title:
      `${Math.round((100 * nonzeros) / places)} % of the ${grouped(places)} places of ${layers.length > 1 ? "all W" : "W"} ` +
      "are not 0; a blank cell reads nothing",
    key: key(["minus square", "below 0"], ["plus square", "above 0"]),
    note:
      "Where cells are smaller than pixels, the one farthest from 0 is drawn. + and −, a double " +
      "click or Ctrl with the wheel zoom; drag to move; hover or tap for names. A mark ! stands " +
      "before what is stored as its complement." +
      (data.mixed ? " Some coordinates stand in another basis than they were made in (mixed)." : ""),
    draw: (now) => {
      width = now;
      show();
      return html("div", {}, html("div", { class: "tabs" }, buttons), words, holder);
    },
  });
}
