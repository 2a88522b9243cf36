// The codes of features, and who serves whom: beside those of the linear code of the same widths.

/** What each feature adds to the neurons of the first layer: sizes, the greatest first. [features][neurons] */
function codes() {
  const { weight } = layers[0];
  const columns = Array.from({ length: nFeatures }, () => new Float32Array(weight.rows));
  for (let row = 0; row < weight.rows; row++) {
    weight.eachInRow(row, (below, value) => {
      if (!dictionary) columns[below][row] += value;
      else dictionary.eachInRow(below, (feature, stored) => (columns[feature][row] += value * stored));
    });
  }
  for (const column of columns) for (let i = 0; i < column.length; i++) column[i] = Math.abs(column[i]);
  return columns.map((column) => column.sort().reverse());
}

/** Lines of features that are drawn, evenly some of more. */
const MOST_CODES = 600;

function addCodes() {
  const { code } = ours;
  if (code.length < 2) return;
  const halfway = (values) => values.filter((value) => value > values[0] / 2).length;
  const most = (values) => values[0] || 1;
  addFigure({
    id: "codes",
    short: "Codes of features",
    title:
      `The median feature weighs more than half its most on ${counted(halfway(code), "neuron")} ` +
      `of ${grouped(code.length)}` +
      (linear ? `; in the linear code, on ${grouped(halfway(linear.code))}` : ""),
    key: key(
      ["net faint-line", "each feature"],
      ["net line", "median at each rank"],
      withLinear(["linear dashes", "median of the linear code, scaled to the same height"]),
    ),
    note: `What each feature adds to the neurons of the first layer, in size and sorted, the most first${nFeatures > MOST_CODES ? "; of evenly some features" : ""}.`,
    draw: (width) => {
      const stride = Math.max(1, Math.ceil(nFeatures / MOST_CODES));
      const shown = codes().filter((_, feature) => feature % stride === 0);
      const f = frame(width, width > 560 ? 320 : 280, { left: 46, right: 12, top: 30, bottom: 46 });
      const n = code.length;
      const tops = ascending(shown.map((values) => values[0]));
      const top = Math.max(quantile(tops, 0.98), code[0]) * 1.06 || 1;
      const x = linearScale(0, n - 1, f.left, f.right);
      const y = linearScale(0, top, f.bottom, f.top);
      xAxis(
        f,
        x,
        steps(0, n - 1, width > 560 ? 6 : 4).filter(Number.isInteger),
        (tick) => grouped(tick + 1),
        "neurons, by how much the feature adds to them",
      );
      yAxis(f, y, steps(0, top), (tick) => String(tick), "adds, in size");
      const line = (values, scale = 1) => {
        const by = Math.max(1, Math.floor(n / 300));
        const points = [];
        for (let i = 0; i < n; i += by) points.push([x(i), Math.max(f.top, y(values[i] * scale))]);
        return path(points);
      };
      const faint = svg("g", {
        class: "faint",
        style: `stroke-opacity:${Math.max(0.04, Math.min(0.4, 14 / shown.length))}`,
      });
      for (const values of shown) faint.append(svg("path", { class: "line net", d: line(values) }));
      f.element.append(faint);
      if (linear)
        f.element.append(
          svg("path", { class: "line linear dashed", d: line(linear.code, most(code) / most(linear.code)) }),
        );
      f.element.append(svg("path", { class: "line net bold", d: line(code) }));
      return f.element;
    },
  });
}

function addSharing() {
  const neurons = ours.gates_of_neuron.flat();
  const sorted = (values) => ascending(values).reverse();
  const [gatesPer, neuronsPer] = [sorted(neurons), sorted(ours.neurons_of_gate)];
  const [linearGates, linearNeurons] = linear
    ? [sorted(linear.gates_of_neuron.flat()), sorted(linear.neurons_of_gate)]
    : [null, null];
  const middle = (values) => quantile(values, 0.5);
  addFigure({
    id: "sharing",
    short: "Who serves whom",
    title:
      `A gate is served by ${counted(middle(neuronsPer), "neuron")}, a neuron serves ${counted(middle(gatesPer), "gate")}` +
      (linear ? `; in the linear code ${grouped(middle(linearNeurons))} and ${grouped(middle(linearGates))}` : ""),
    key: key(["net line", "this network"], withLinear(["linear line", "linear code of the same width"])),
    note:
      "Medians. A neuron serves a gate if over the inputs of the evaluation it moves the gate’s " +
      "read-off by more than 0.1; of a code that spreads wide enough, none does. Which ones: the " +
      "matrices R, and each gate of the circuit.",
    draw: (width) => {
      const each = width > 620 ? width / 2 - 10 : width;
      const curve = (values, others, axis, name, word) =>
        rankCurves(each, {
          lists: [...(others ? [{ values: others, kind: "linear" }] : []), { values, kind: "net" }],
          axis,
          name,
          height: 280,
          log: false,
          words: (i) => [
            tipTitle(`${word} ${grouped(i + 1)} of ${grouped(values.length)}`),
            tipLine(`${grouped(values[i])}${others ? `; linear code ${grouped(others[i])}` : ""}`),
          ],
        });
      return html(
        "div",
        { class: "panels" },
        curve(neuronsPer, linearNeurons, "gates, the most served first", "neurons that serve a gate", "gate"),
        curve(gatesPer, linearGates, "neurons, the busiest first", "gates that a neuron serves", "neuron"),
      );
    },
  });
}
