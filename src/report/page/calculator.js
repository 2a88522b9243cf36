// The worst gates, each with the input that breaks it; and the calculator, which runs the network on any input.

const MOST_WORST = 12;
const names = (features) => features.map(nameOf);

function addWorst(calculator) {
  const wrong = ours.wrong;
  const order = Array.from(wrong.keys())
    .sort((a, b) => wrong[b] - wrong[a] || ours.errors[b] - ours.errors[a])
    .slice(0, MOST_WORST);
  const nWrong = wrong.filter((n) => n > 0).length;
  const reading = floats(data.gates.worst_reading);
  const better = linear ? order.filter((gate) => linear.errors[gate] < ours.errors[gate]).length : 0;
  const rows = order.map((gate) => {
    const input = worstInput(gate);
    const isBroken = data.gates.worst_wrong[gate] === 1;
    return html(
      "tr",
      {},
      html(
        "td",
        { "data-head": "gate" },
        html("code", {}, formula(gate, 6)),
        html("small", {}, ` ${placeOf(gate).layer.name}`),
      ),
      html("td", { class: "number", "data-head": "wrong on" }, wrong[gate] ? grouped(wrong[gate]) : "0"),
      html(
        "td",
        { class: isBroken ? "number bad" : "number", "data-head": "read, for truth" },
        `${figure3(reading[gate])} for ${data.gates.worst_truth[gate]}`,
      ),
      html("td", { class: "number", "data-head": "largest error" }, figure3(ours.errors[gate])),
      linear ? html("td", { class: "number", "data-head": "linear code" }, figure3(linear.errors[gate])) : null,
      html(
        "td",
        { "data-head": "on this input" },
        html("span", { class: "input" }, names(input).join(", ") || "nothing on"),
        " ",
        html("button", { type: "button", onclick: () => calculator.set(input, true) }, "try it"),
      ),
    );
  });
  const head = [
    "gate",
    "wrong on",
    "read, for truth",
    "largest error",
    linear ? "linear code" : null,
    "on this input",
  ].filter(Boolean);
  addFigure({
    id: "worst",
    short: "Worst gates",
    title:
      (nWrong
        ? `${counted(nWrong, "gate")} of ${grouped(nGates)} ${nWrong === 1 ? "is" : "are"} ever read ` +
          `wrong${nWrong > order.length ? `; the worst ${order.length}` : ""}`
        : `No gate is ever read wrong; ${order.length === 1 ? "how far it is off" : "those farthest off"}`) +
      (linear && better ? `; in the linear code ${better} of these ${better === 1 ? "is" : "are"} nearer` : ""),
    note:
      "Of each gate the input of the evaluation on which it is read worst: of those that break " +
      "it, where there are any, the one on which it is farthest off. Rare gates are held to inputs " +
      "of their own besides.",
    isStill: true,
    draw: () =>
      html(
        "table",
        {},
        html(
          "thead",
          {},
          html(
            "tr",
            {},
            head.map((text) => html("th", {}, text)),
          ),
        ),
        html("tbody", {}, rows),
      ),
  });
}

/** Features that are shown to be ticked at once. */
const MOST_CHOICES = 160;
/** Gates of a layer that are named. */
const MOST_NAMED = 18;

class Calculator {
  constructor() {
    this.on = [];
    this.inputIdx = -1;
    this.search = html("input", {
      type: "search",
      placeholder: "find a feature",
      "aria-label": "find a feature",
      autocomplete: "off",
      oninput: () => this.choices(),
    });
    this.chosen = html("div", { class: "chips" });
    this.list = html("div", { class: "choices" });
    this.out = html("div", { class: "out", "aria-live": "polite" });
    const button = (text, act) => html("button", { type: "button", onclick: act }, text);
    this.element = html(
      "div",
      { class: "calculator" },
      html(
        "div",
        { class: "tabs" },
        button("an input of the evaluation", () => this.next()),
        button("nothing", () => this.set([])),
      ),
      this.chosen,
      this.search,
      this.list,
      this.out,
    );
  }

  next() {
    this.inputIdx = (this.inputIdx + 1) % Math.max(1, data.inputs.length);
    this.set(data.inputs[this.inputIdx] ?? []);
  }

  set(on, isToBeSeen = false) {
    this.on = [...on].sort((a, b) => a - b);
    this.choices();
    this.show();
    if (isToBeSeen) document.getElementById("calculator").scrollIntoView({ behavior: "smooth" });
  }

  toggle(feature) {
    this.set(this.on.includes(feature) ? this.on.filter((other) => other !== feature) : [...this.on, feature]);
  }

  choices() {
    const isOn = new Set(this.on);
    const chip = (feature, kind) =>
      html(
        "button",
        {
          type: "button",
          class: kind,
          "aria-pressed": String(isOn.has(feature)),
          onclick: () => this.toggle(feature),
        },
        nameOf(feature),
      );
    this.chosen.replaceChildren(
      ...(this.on.length ? this.on.map((feature) => chip(feature, "chip")) : [html("small", {}, "no feature is on")]),
    );
    const wanted = this.search.value.trim().toLowerCase();
    const found = [];
    let n = 0;
    for (let feature = 0; feature < nFeatures; feature++) {
      if (!data.features[feature].toLowerCase().includes(wanted)) continue;
      n++;
      if (found.length < MOST_CHOICES) found.push(chip(feature, "choice"));
    }
    if (n > found.length) found.push(html("small", {}, `and ${grouped(n - found.length)} more: type a part of a name`));
    if (n === 0) found.push(html("small", {}, "no feature is called so"));
    this.list.replaceChildren(...found);
  }

  show() {
    const { states, value, reading, isWrong } = run(this.on);
    const nWrong = isWrong.reduce((a, b) => a + b, 0);
    const nOn = value.subarray(nFeatures).reduce((a, b) => a + b, 0);
    const verdict =
      nWrong === 0
        ? `${counted(nOn, "gate")} ${nOn === 1 ? "is" : "are"} on, and every gate is read right`
        : `${counted(nWrong, "gate")} of ${grouped(nGates)} ${nWrong === 1 ? "is" : "are"} read wrong; ` +
          `${grouped(nOn)} ${nOn === 1 ? "is" : "are"} on`;
    this.out.replaceChildren(
      html("p", { class: nWrong ? "verdict bad" : "verdict" }, verdict),
      ...layers.map((layer) => this.layer(layer, states[layer.index], value, reading, isWrong)),
    );
  }

  layer(layer, { h }, value, reading, isWrong) {
    const nAwake = h.reduce((n, activation) => n + (activation !== 0 ? 1 : 0), 0);
    const gates = Array.from({ length: layer.n_gates }, (_, place) => firstGate[layer.index] + place);
    const error = (gate) => Math.abs(reading[gate] - value[nFeatures + gate]);
    const rank = (gate) => (isWrong[gate] ? 2 : 0) + (value[nFeatures + gate] ? 1 : 0);
    const named = [...gates].sort((a, b) => rank(b) - rank(a) || error(b) - error(a)).slice(0, MOST_NAMED);
    return html(
      "section",
      {},
      html(
        "h3",
        {},
        layer.name,
        " ",
        html("small", {}, `${grouped(nAwake)} of ${counted(layer.width, "neuron")} not 0`),
      ),
      this.neurons(layer, h),
      gates.length ? this.readings(gates, value, reading, isWrong) : null,
      html(
        "ul",
        { class: "gates" },
        named.map((gate) => this.gate(gate, value[nFeatures + gate], reading[gate], isWrong[gate])),
      ),
      gates.length > named.length
        ? html("small", {}, `and ${grouped(gates.length - named.length)} gates nearer to the truth`)
        : null,
    );
  }

  /** A bar for each neuron. */
  neurons(layer, h) {
    const [width, height] = [Math.max(1, h.length), 44];
    const most = h.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
    const isSigned = h.some((value) => value < 0);
    const zero = isSigned ? height / 2 : height;
    const bars = svg("svg", {
      class: "neurons",
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": "neurons",
    });
    bars.style.maxWidth = `${Math.max(240, 26 * width)}px`;
    let d = "";
    h.forEach((value, neuron) => {
      if (value !== 0)
        d += `M${neuron + 0.5} ${zero}V${(zero - (value / most) * (isSigned ? height / 2 : height)).toFixed(2)}`;
    });
    bars.append(svg("path", { d, "stroke-width": Math.min(0.8, 1) }));
    const show = (event) => {
      const [x] = within(bars, event);
      const neuron = Math.max(0, Math.min(h.length - 1, Math.floor((x / bars.clientWidth) * h.length)));
      showTip(event, tipTitle(`neuron ${neuron} of ${layer.name}`), tipLine(`activation ${figure3(h[neuron])}`));
    };
    bars.addEventListener("pointermove", show);
    bars.addEventListener("click", show);
    bars.addEventListener("pointerleave", hideTip);
    return bars;
  }

  /** Every read-off of a layer on one line: those that should be 1 above, those that should be 0 below. */
  readings(gates, value, reading, isWrong) {
    const width = Math.max(280, this.element.clientWidth || 600);
    const [height, left, right] = [58, 8, width - 8];
    const x = (at) => left + ((Math.max(-0.55, Math.min(1.55, at)) + 0.55) / 2.1) * (right - left);
    const element = svg("svg", {
      class: "strip",
      viewBox: `0 0 ${width} ${height}`,
      width: "100%",
      role: "img",
      "aria-label": "read-offs",
    });
    for (const at of [0, 0.5, 1]) {
      element.append(
        svg("path", { class: "rule", d: `M${x(at)} 4V42` }),
        svg("text", { class: "tick", x: x(at), y: 55, "text-anchor": "middle" }, String(at)),
      );
    }
    const d = { off: "", on: "", wrong: "" };
    for (const gate of gates) {
      const is = value[nFeatures + gate];
      const kind = isWrong[gate] ? "wrong" : is ? "on" : "off";
      d[kind] += `M${x(reading[gate]).toFixed(1)} ${is ? 6 : 25}v15`;
    }
    for (const [kind, path_] of Object.entries(d)) element.append(svg("path", { class: `tickmark ${kind}`, d: path_ }));
    return element;
  }

  gate(gate, is, reading, isWrong) {
    const x = (at) => 4 + ((Math.max(-0.4, Math.min(1.6, at)) + 0.4) / 2) * 92;
    const line = svg(
      "svg",
      { viewBox: "0 0 100 16", class: "gauge", role: "img", "aria-label": `read as ${figure3(reading)}` },
      svg("path", { class: "rule", d: "M4 8H96" }),
      svg("path", { class: "threshold", d: `M${x(thresholdOf(gate))} 2V14` }),
      svg("circle", { class: isWrong ? "wrong" : is ? "on" : "off", cx: x(reading), cy: 8, r: 3.6 }),
    );
    const row = html(
      "li",
      { class: isWrong ? "bad" : "" },
      html("code", {}, data.gates.names[gate]),
      line,
      html("span", {}, `${figure3(reading)}`),
      html("small", {}, `truth ${is}${isWrong ? ", WRONG" : ""}`),
    );
    const show = (event) => showTip(event, aboutSignal(nFeatures + gate));
    row.addEventListener("click", show);
    row.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && show(event));
    row.addEventListener("pointerleave", hideTip);
    return row;
  }
}

function addCalculator(calculator) {
  addFigure({
    id: "calculator",
    short: "Calculator",
    title: "Tick features and see every layer’s neurons and read-offs, as this network computes them",
    key: key(
      ["off dot", "should be 0"],
      ["on dot", "should be 1"],
      ["wrong dot", "on the wrong side of its threshold"],
    ),
    note:
      "The network runs here, in single precision, with the sums of superpose eval in the same " +
      "order. Bars are neurons. Below them every read-off of the layer, those that should be 1 " +
      "above the others; then the gates that are read wrong, are on, or are farthest off.",
    isStill: true,
    draw: () => {
      requestAnimationFrame(() => calculator.next());
      return calculator.element;
    },
  });
}

/** For tests: presses every button, and points at the middle of every picture; how many these were. */
function touchEverything() {
  const buttons = [...document.querySelectorAll("button")];
  buttons.forEach((button) => button.click());
  const pictures = [...document.querySelectorAll("canvas, rect.hover, .neurons, .gates li")];
  for (const picture of pictures) {
    const { left, top, width, height } = picture.getBoundingClientRect();
    const at = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true, pointerType: "mouse" };
    for (const kind of ["pointerenter", "pointermove", "click", "dblclick"])
      picture.dispatchEvent(new PointerEvent(kind, at));
    for (const key of ["ArrowRight", "+", "ArrowDown", "0"])
      picture.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  }
  hideTip();
  return buttons.length + pictures.length;
}

/** For tests: `#check=a,b` runs the network with these features on, and puts what comes out into the page as JSON. */
function check() {
  const asked = /^#check=(.*)$/.exec(decodeURIComponent(location.hash));
  if (!asked) return false;
  const wanted = asked[1].split(",").filter(Boolean);
  const on = wanted.map((name) => data.features.indexOf(name)).sort((a, b) => a - b);
  const { states, value, reading, isWrong } = run(on);
  const found = layers.map((layer) => ({
    name: layer.name,
    neurons: Array.from(states[layer.index].h),
    gates: Array.from({ length: layer.n_gates }, (_, place) => {
      const gate = firstGate[layer.index] + place;
      return {
        name: data.gates.names[gate],
        truth: value[nFeatures + gate],
        reading: reading[gate],
        threshold: thresholdOf(gate),
        right: isWrong[gate] === 0,
      };
    }),
  }));
  document.body.append(html("pre", { id: "check" }, JSON.stringify(found)));
  return true;
}
