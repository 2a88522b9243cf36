// The page: its head, the figures one after the other, and what draws them anew.

function addHead() {
  const { report } = ours;
  const widths = report.widths.map(grouped).join(" + ");
  const nNeurons = report.widths.reduce((a, b) => a + b, 0);
  const other = linear?.report;
  const claimed =
    report.reliability === 1
      ? `On ${report.exhaustive ? "every input" : `each of ${grouped(report.samples)} inputs`}`
      : `On ${share(report.reliability)} of the inputs`;
  const lede =
    `${claimed} every gate is read right` +
    (other
      ? `; the linear code of this width, in which no neuron computes, manages that on ${other.reliability === 1 ? "all" : share(other.reliability)}.`
      : ".");
  const tile = (value, name, words) =>
    html("div", {}, html("dt", {}, name), html("dd", {}, value, words ? html("small", {}, words) : null));
  const [low, high] = report.reliability_interval;
  const tiles = html(
    "dl",
    { class: "tiles" },
    tile(
      share(report.reliability),
      "reliability",
      report.exhaustive ? `all ${grouped(report.samples)} inputs` : `${share(low)} to ${share(high)} at 95 %`,
    ),
    tile(figure3(report.epsilon["0.99"]), "ε at 99 %", other ? `linear code ${figure3(other.epsilon["0.99"])}` : null),
    tile((nGates / nNeurons).toFixed(2), "gates a neuron", `${grouped(nGates)} on ${widths}`),
    tile(grouped(report.parameters), "parameters", "nonzero"),
  );
  const fitted = report.fit
    ? `fitted on ${counted(report.fit.inputs, "input")} (${report.fit.stopped})`
    : report.construction;
  const lines = [...report.requirements, ...(report.goal ? [report.goal] : [])];
  const verdict = ({ holds }) => (holds === true ? ["good", "✓"] : holds === false ? ["bad", "✗"] : ["unknown", "?"]);
  const asked = lines.map((line) => {
    const [kind, mark] = verdict(line);
    const value =
      typeof line.value !== "number"
        ? line.value
        : line.value >= 0 && line.value <= 1
          ? share(line.value)
          : figure3(line.value);
    return html("li", { class: kind }, html("i", {}, mark), " ", html("code", {}, line.text), value ? ` ${value}` : "");
  });
  document.title = `${data.circuit}: superpose report`;
  const { planted } = report;
  filled(document.getElementById("top"), {}, [
    html("p", { class: "kicker" }, "superpose report"),
    html("h1", {}, data.circuit),
    html("p", { class: "lede" }, lede),
    tiles,
    asked.length ? html("ul", { class: "asked" }, asked) : null,
    html(
      "p",
      { class: "facts" },
      `${counted(nFeatures, "feature")}, ${counted(nGates, "gate")}, ${counted(layers.length, "layer")}; ` +
        `-O${report.opt_level}, ${fitted}, seed ${report.seed}` +
        (report.stream ? `; a stream of ${report.stream} dimensions` : "") +
        (dictionary && !report.stream ? `; inputs stored by ${data.dictionary.kind}` : "") +
        `; ${counted(report.samples, "input")} ${report.exhaustive ? "in all" : `drawn, seed ${report.eval_seed}`}.` +
        (planted.readoffs
          ? ` ${counted(planted.gates, "gate")} that these show too seldom, on inputs of their own: ${share(1 - planted.wrong / planted.readoffs)} ` +
            "read right."
          : ""),
    ),
    data.heads.length
      ? html(
          "p",
          { class: "facts warning" },
          `Left out: ${counted(data.heads.length, "attention head")} (${data.heads.join(", ")}); superpose ` +
            "eval says how well heads attend.",
        )
      : null,
    linear
      ? null
      : html("p", { class: "facts warning" }, `There is no linear code to hold this against: ${data.no_baseline}.`),
  ]);
}

function redrawAll() {
  figures.forEach((redraw) => redraw(true));
}

function start() {
  const started = performance.now();
  addHead();
  const isCheck = check();
  const calculator = new Calculator();
  // One after the other, so that the first are there at once.
  const steps_ = [
    addCircuit,
    addReadoffs,
    addErrors,
    addLayers,
    addWeights,
    addCodes,
    addSharing,
    addResponse,
    () => addWorst(calculator),
    () => addCalculator(calculator),
  ];
  const next = () => {
    const step = steps_.shift();
    if (step) {
      step();
      setTimeout(next, 0);
    } else {
      document
        .getElementById("foot")
        .append(`Made by superpose ${data.version}. The page holds all that it shows and fetches nothing.`);
      document.documentElement.dataset.drawn = String(Math.round(performance.now() - started));
      if (isCheck) document.documentElement.dataset.touched = String(touchEverything());
    }
  };
  next();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
  // Paper is light.
  const onPaper = (isOn) => {
    document.documentElement.classList.toggle("paper", isOn);
    hideTip();
    redrawAll();
  };
  window.addEventListener("beforeprint", () => onPaper(true));
  window.addEventListener("afterprint", () => onPaper(false));
}

start();
