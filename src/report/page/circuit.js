// The circuit, layer by layer: every feature and every gate a mark, those of an array together; of the one that is
// pointed at, tapped or focused what it reads, which neurons serve it, and how far off it is read.

/** Marks with their names, where there are few; of more, squares. */
const FEW_SIGNALS = 140;
/** More edges than these are drawn only for the gate that is pointed at. */
const FEW_EDGES = 260;
/** More squares than these nobody tells apart: each then stands for several gates, by the worst of them. */
const MOST_SQUARES = 12000;

const ERROR_STEPS = [
  [0.1, "e0", "within 0.1"],
  [0.25, "e1", "within ¼"],
  [0.5, "e2", "within ½"],
  [Infinity, "e3", "farther off"],
];
const errorClass = (gate) =>
  ours.wrong[gate] > 0 ? "wrong" : (ERROR_STEPS.find(([most]) => ours.errors[gate] < most)?.[1] ?? "e3");

/** Signals in order, those of an array together: [{ name, signals, isArray }]. */
function byArray(signals) {
  const groups = new Map();
  for (const signal of signals) {
    const [array] = nameOf(signal).split("[", 1);
    const isArray = array !== nameOf(signal);
    const name = isArray ? array : "";
    if (!groups.has(name)) groups.set(name, { name, isArray, signals: [] });
    groups.get(name).signals.push(signal);
  }
  return [...groups.values()];
}

let readersBySignal = null;
function readersOf(signal) {
  if (!readersBySignal) {
    readersBySignal = new Map();
    for (let gate = 0; gate < nGates; gate++) {
      for (const operand of operandsOf(gate)) {
        if (!readersBySignal.has(operand.signal)) readersBySignal.set(operand.signal, []);
        readersBySignal.get(operand.signal).push(gate);
      }
    }
  }
  return readersBySignal.get(signal) ?? [];
}

/** What is said of a signal. */
function aboutSignal(signal) {
  if (signal < nFeatures) {
    const n = readersOf(signal).length;
    return [tipTitle(nameOf(signal)), tipLine(`feature, read by ${counted(n, "gate")}`)];
  }
  const gate = signal - nFeatures;
  const own = ownInput(gate);
  const neurons = contributions(gate, activations(own), 3);
  const lines = [
    `threshold ${figure3(thresholdOf(gate))}, largest error ${figure3(ours.errors[gate])}` +
      (linear ? ` (linear code ${figure3(linear.errors[gate])})` : ""),
    ours.wrong[gate] ? `read wrong on ${counted(ours.wrong[gate], "input")}` : "never read wrong",
    `served by ${counted(ours.neurons_of_gate[gate], "neuron")} of ${placeOf(gate).layer.width}`,
    neurons.length
      ? `its operands on: ${neurons.map(({ neuron, added }) => `neuron ${neuron} adds ${figure3(added)}`).join(", ")}`
      : null,
    isComplemented[gate] ? "its complement is stored" : null,
    isOutput.has(signal) ? "an output" : null,
  ];
  return [tipTitle(formula(gate)), ...lines.filter(Boolean).map(tipLine)];
}

class CircuitView {
  constructor(width) {
    this.places = new Map();
    this.isSmall = nFeatures + nGates <= FEW_SIGNALS;
    this.wires = svg("svg", { class: "wires below", "aria-hidden": "true" });
    this.lines = svg("svg", { class: "wires", "aria-hidden": "true" });
    this.width = width;
    const features = Array.from({ length: nFeatures }, (_, signal) => signal);
    const rows = [this.row("features", `${grouped(nFeatures)}`, features)];
    for (const layer of layers) {
      const gates = layer.signals.slice(0, layer.n_gates);
      const carried = layer.signals.length - layer.n_gates;
      const words =
        `${counted(layer.width, "neuron")}, ${layer.corrects ? "corrects what it carries" : counted(layer.n_gates, "gate")}` +
        (carried ? `, ${grouped(carried)} carried` : "");
      rows.push(this.row(layer.name, words, gates));
    }
    this.element = html("div", { class: "circuit" }, this.wires, this.lines, rows);
    this.element.addEventListener("pointerleave", () => this.clear());
  }

  row(name, words, signals) {
    const groups = byArray(signals);
    const body = groups.map((group) => (this.isSmall || !group.isArray ? this.pills(group) : this.squares(group)));
    return html(
      "section",
      { class: "row" },
      html("h3", {}, name, " ", html("small", {}, words)),
      html("div", { class: "groups" }, body),
    );
  }

  pills({ signals }) {
    return signals.map((signal) => {
      const kind = signal < nFeatures ? "feature" : errorClass(signal - nFeatures);
      const pill = html("button", { type: "button", class: `pill ${kind}` }, nameOf(signal));
      const show = (event) => this.select(signal, event);
      pill.addEventListener("pointerenter", show);
      pill.addEventListener("click", show);
      pill.addEventListener("focus", () => {
        const { left, bottom } = pill.getBoundingClientRect();
        this.select(signal, { clientX: left, clientY: bottom });
      });
      this.places.set(signal, { element: pill });
      return pill;
    });
  }

  squares({ name, signals }) {
    const n = signals.length;
    const each = Math.ceil(n / MOST_SQUARES);
    const nSquares = Math.ceil(n / each);
    const size = nSquares <= 150 ? 15 : nSquares <= 700 ? 11 : nSquares <= 3000 ? 8 : 6;
    const room = Math.max(120, this.width - 4);
    const columns = Math.min(nSquares, Math.floor(room / size));
    const [width, height] = [columns * size, Math.ceil(nSquares / columns) * size];
    const canvas = html("canvas", { tabindex: 0, role: "img", "aria-label": `${name}, ${n}` });
    const colors = {};
    const color = (kind) => (colors[kind] ??= cssColor(`--${kind}`));
    const paint = () => {
      const ratio = window.devicePixelRatio || 1;
      canvas.width = width * ratio;
      canvas.height = height * ratio;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
      const context = canvas.getContext("2d");
      context.scale(ratio, ratio);
      for (let i = 0; i < nSquares; i++) {
        let worst = signals[i * each];
        for (let k = 1; k < each && i * each + k < n; k++) {
          const [here, other] = [worst - nFeatures, signals[i * each + k] - nFeatures];
          if (
            here >= 0 &&
            (ours.wrong[other] > ours.wrong[here] || (ours.wrong[here] === 0 && ours.errors[other] > ours.errors[here]))
          ) {
            worst = signals[i * each + k];
          }
        }
        context.fillStyle = color(worst < nFeatures ? "feature" : errorClass(worst - nFeatures));
        context.fillRect((i % columns) * size, Math.floor(i / columns) * size, size - 1.5, size - 1.5);
      }
    };
    paint();
    signals.forEach((signal, i) =>
      this.places.set(signal, {
        element: canvas,
        size,
        at: [((Math.floor(i / each) % columns) + 0.45) * size, (Math.floor(i / each / columns) + 0.45) * size],
      }),
    );
    const at = (event) => {
      const [x, y] = within(canvas, event);
      const i = Math.floor(y / size) * columns + Math.min(columns - 1, Math.floor(x / size));
      return signals[Math.min(n - 1, i * each)];
    };
    const show = (event) => this.select(at(event), event);
    canvas.addEventListener("pointermove", show);
    canvas.addEventListener("click", show);
    let focused = 0;
    canvas.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
      if (!by) return;
      event.preventDefault();
      focused = Math.max(0, Math.min(nSquares - 1, focused + by));
      const { left, top } = canvas.getBoundingClientRect();
      const [x, y] = [((focused % columns) + 0.5) * size, (Math.floor(focused / columns) + 0.5) * size];
      this.select(signals[focused * each], { clientX: left + x, clientY: top + y });
    });
    const words = `${grouped(n)}` + (each > 1 ? `, a square for ${each}` : "");
    return html("div", { class: "array" }, html("p", {}, name, " ", html("small", {}, words)), canvas);
  }

  /** Where a signal's mark is, in the circuit's own pixels. */
  placeOf(signal) {
    const found = this.places.get(signal);
    if (!found) return null;
    const [outer, inner] = [this.element.getBoundingClientRect(), found.element.getBoundingClientRect()];
    const [x, y] = found.at ?? [inner.width / 2, inner.height / 2];
    const half = found.at ? found.size / 2 : inner.height / 2;
    return { x: inner.left - outer.left + x, y: inner.top - outer.top + y, half };
  }

  wire(from, to, kind) {
    const [a, b] = [this.placeOf(from), this.placeOf(to)];
    if (!a || !b) return null;
    const [y0, y1] = [a.y + a.half, b.y - b.half];
    const bend = Math.max(16, Math.abs(y1 - y0) * 0.45);
    return svg("path", { class: kind, d: `M${a.x} ${y0}C${a.x} ${y0 + bend} ${b.x} ${y1 - bend} ${b.x} ${y1}` });
  }

  ring(signal, kind) {
    const place = this.placeOf(signal);
    const found = this.places.get(signal);
    if (!place) return null;
    if (!found.at) {
      const { width, height } = found.element.getBoundingClientRect();
      return svg("rect", {
        class: kind,
        x: place.x - width / 2 - 2,
        y: place.y - height / 2 - 2,
        width: width + 4,
        height: height + 4,
        rx: 8,
      });
    }
    return svg("rect", {
      class: kind,
      x: place.x - found.size / 2 - 1.5,
      y: place.y - found.size / 2 - 1.5,
      width: found.size + 1.5,
      height: found.size + 1.5,
      rx: 2,
    });
  }

  clear() {
    hideTip();
    this.selected = null;
    this.lines.replaceChildren();
  }

  /** The wires of a small circuit, all of them. */
  wireAll() {
    const wires = [];
    if (!this.isSmall || data.gates.operands.length > FEW_EDGES) return;
    for (let gate = 0; gate < nGates; gate++) {
      for (const { signal, negated } of operandsOf(gate))
        wires.push(this.wire(signal, nFeatures + gate, negated ? "wire negated" : "wire"));
    }
    this.wires.replaceChildren(...wires.filter(Boolean));
  }

  select(signal, event) {
    showTip(event, aboutSignal(signal));
    if (this.selected === signal) return;
    this.clear();
    tipBox.hidden = false;
    this.selected = signal;
    const operands = signal < nFeatures ? [] : operandsOf(signal - nFeatures);
    const marks = operands.flatMap((operand) => [
      this.wire(operand.signal, signal, operand.negated ? "wire strong negated" : "wire strong"),
      this.ring(operand.signal, "ring"),
    ]);
    const readers = readersOf(signal)
      .slice(0, 400)
      .map((gate) => this.wire(signal, nFeatures + gate, "wire reader"));
    this.lines.append(...[...readers, ...marks, this.ring(signal, "ring own")].filter(Boolean));
  }
}

function addCircuit() {
  const nWrong = ours.wrong.filter((n) => n > 0).length;
  const widths = layers.map((layer) => grouped(layer.width)).join(" + ");
  const areRare = data.gates.measured.every((basis, gate) => basis === "planted" || ours.wrong[gate] === 0);
  const wrong =
    nWrong === 0
      ? nGates === 1
        ? "it is never read wrong"
        : "none is ever read wrong"
      : `${nWrong === nGates ? "all are" : counted(nWrong, "gate") + (nWrong === 1 ? " is" : " are")} ` +
        "read wrong at least once" +
        (areRare ? ", on inputs of their own" : "");
  let view;
  addFigure({
    id: "circuit",
    short: "Circuit",
    title: `${counted(nGates, "gate")} on ${widths} neurons; ${wrong}`,
    key: key(["feature square", "feature"], ...ERROR_STEPS.map(([, kind, words]) => [`${kind} square`, words]), [
      "wrong square",
      "read wrong on some input",
    ]),
    note:
      "From features at the top down through the layers; gates coloured by the largest error of " +
      "their read-off on any input of the evaluation. " +
      "Hover or tap a mark for what it reads, which neurons serve it, and how it errs; a dashed wire is negated." +
      (areRare && nWrong ? " A gate that is on or off too seldom there has some inputs of its own." : ""),
    draw: (width) => {
      view = new CircuitView(width);
      requestAnimationFrame(() => view.wireAll());
      return view.element;
    },
  });
}
