// The figures of the evaluation: read-offs, errors, layers. The linear code of the same widths is drawn in each.

const withLinear = (words) => (linear ? words : null);
const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
const ascending = (values) => Float64Array.from(values).sort();
const sum = (values) => values.reduce((a, b) => a + b, 0);

function addReadoffs() {
  const { histogram } = ours.report;
  const nBins = histogram.off.length;
  const [nWrong, nAll] = [sum(ours.off_wrong) + sum(ours.on_wrong), sum(histogram.off) + sum(histogram.on)];
  const linearWrong = linear && sum(linear.off_wrong) + sum(linear.on_wrong);
  const thresholds = ascending(Array.from({ length: nGates }, (_, gate) => thresholdOf(gate)));
  const [low, middle, high] = [thresholds[0], quantile(thresholds, 0.5), thresholds[thresholds.length - 1]];
  addFigure({
    id: "readoffs",
    short: "Read-offs",
    title:
      `${nWrong === 0 ? "None" : grouped(nWrong)} of ${grouped(nAll)} read-offs ` +
      (nWrong > 1 ? "are on the wrong side of their thresholds" : "is on the wrong side of its threshold") +
      (linear ? `; of the linear code’s, ${linearWrong === 0 ? "none" : grouped(linearWrong)}` : ""),
    key: key(
      ["off area", "should be 0"],
      ["on area", "should be 1"],
      ["wrong area", "on the wrong side"],
      withLinear(["linear line", "linear code, should be 0"]),
      withLinear(["linear dashes", "should be 1"]),
    ),
    note:
      "How often each value is read, in bins a tenth wide; the outermost hold all that lies beyond." +
      (low === high
        ? ""
        : ` Each gate has a threshold of its own, from ${figure3(low)} to ${figure3(high)}; the line is their median.`),
    draw: (width) => {
      const f = frame(width, width > 560 ? 340 : 300, { left: 46, right: 10, top: 34, bottom: 46 });
      const most = Math.max(10, ...histogram.off, ...histogram.on);
      const x = linearScale(-0.55, 1.55, f.left, f.right);
      const y = logScale(0.7, most * 2, f.bottom, f.top);
      xAxis(
        f,
        x,
        [-0.5, -0.25, 0, 0.25, 0.5, 0.75, 1, 1.25, 1.5],
        (tick) => (tick < 0 ? `−${-tick}` : String(tick)),
        "read as",
      );
      yAxis(f, y, powersOfTen(1, most * 2), powerText, "read-offs");
      const edges = Array.from({ length: nBins + 1 }, (_, bin) => -0.55 + 0.1 * bin);
      const outline = (counts) =>
        counts.flatMap((count, bin) => [
          [x(edges[bin]), y(count || 0.1)],
          [x(edges[bin + 1]), y(count || 0.1)],
        ]);
      const area = (counts, kind) =>
        svg("path", {
          class: kind,
          d: `${path([[f.left, f.bottom], ...outline(counts).map(([a, b]) => [a, Math.min(b, f.bottom)]), [f.right, f.bottom]])}z`,
        });
      f.element.append(area(histogram.off, "area off"), area(histogram.on, "area on"));
      f.element.append(
        area(
          ours.off_wrong.map((n, bin) => Math.max(n, ours.on_wrong[bin])),
          "area wrong",
        ),
      );
      if (linear) {
        f.element.append(
          svg("path", {
            class: "line linear",
            d: path(outline(linear.report.histogram.off).map(([a, b]) => [a, Math.min(b, f.bottom)])),
          }),
        );
        f.element.append(
          svg("path", {
            class: "line linear dashed",
            d: path(outline(linear.report.histogram.on).map(([a, b]) => [a, Math.min(b, f.bottom)])),
          }),
        );
      }
      for (const at of [0.25, 0.75]) {
        f.element.append(svg("path", { class: "limit", d: `M${x(at)} ${f.top}V${f.bottom}` }));
      }
      f.element.append(
        label(x(0.25), f.top - 6, "ε = ¼", { "text-anchor": "middle" }),
        label(x(0.75), f.top - 6, "ε = ¼", { "text-anchor": "middle" }),
      );
      const clamp = (value) => Math.max(-0.55, Math.min(1.55, value));
      f.element.append(
        svg("rect", {
          class: "band",
          x: x(clamp(low)),
          width: Math.max(0, x(clamp(high)) - x(clamp(low))),
          y: f.top,
          height: f.bottom - f.top,
        }),
      );
      f.element.append(svg("path", { class: "threshold", d: `M${x(clamp(middle))} ${f.top}V${f.bottom}` }));
      f.element.append(label(x(clamp(middle)), f.top - 20, "threshold", { "text-anchor": "middle" }));
      hoverBins(
        f,
        x,
        (bin) => [
          tipTitle(
            `read as ${bin === 0 ? "below −0.45" : bin === nBins - 1 ? "1.45 or more" : `${figure3(-0.55 + 0.1 * bin + 0.0001)} to ${figure3(-0.45 + 0.1 * bin)}`}`,
          ),
          tipLine(
            `should be 0: ${grouped(histogram.off[bin])}, ${grouped(ours.off_wrong[bin])} of them wrong` +
              (linear ? `; linear code ${grouped(linear.report.histogram.off[bin])}` : ""),
          ),
          tipLine(
            `should be 1: ${grouped(histogram.on[bin])}, ${grouped(ours.on_wrong[bin])} of them wrong` +
              (linear ? `; linear code ${grouped(linear.report.histogram.on[bin])}` : ""),
          ),
        ],
        nBins,
      );
      return f.element;
    },
  });
}

function hoverBins(f, x, tell, nBins) {
  for (let bin = 0; bin < nBins; bin++) {
    const [from, to] = [x(-0.55 + 0.1 * bin), x(-0.45 + 0.1 * bin)];
    const rect = svg("rect", { class: "hover", x: from, y: f.top, width: to - from, height: f.bottom - f.top });
    const show = (event) => showTip(event, tell(bin));
    rect.addEventListener("pointermove", show);
    rect.addEventListener("click", show);
    rect.addEventListener("pointerleave", hideTip);
    f.element.append(rect);
  }
}

/** A curve for each list of values, sorted already, by rank; `words(i)` of the first list's ranks. */
function rankCurves(width, { lists, axis, name, height = 320, log, least, limits = [], words }) {
  const f = frame(width, width > 560 ? height : height - 40, { left: 46, right: 12, top: 30, bottom: 46 });
  const n = Math.max(...lists.map(({ values }) => values.length));
  const all = lists.flatMap(({ values }) => [values[0], values[values.length - 1]]).filter(Number.isFinite);
  const most = Math.max(...all, ...limits.map(([value]) => value)) * (log ? 1.3 : 1.06) || 1;
  const x = linearScale(0, n, f.left, f.right);
  const y = log ? logScale(least, most, f.bottom, f.top) : linearScale(0, most, f.bottom, f.top);
  xAxis(f, x, steps(0, n, width > 560 ? 6 : 4).filter(Number.isInteger), grouped, axis);
  yAxis(
    f,
    y,
    log ? (most / least > 300 ? powersOfTen : decades)(least, most) : steps(0, most),
    log
      ? (tick) => (tick < 1e4 ? String(tick) : powerText(tick))
      : (tick) => (tick >= 10 ? grouped(tick) : String(tick)),
    name,
  );
  for (const [value, text] of limits) {
    f.element.append(
      svg("path", { class: "limit", d: `M${f.left} ${y(value)}H${f.right}` }),
      label(f.right, y(value) - 5, text, { "text-anchor": "end" }),
    );
  }
  for (const { values, kind, faint } of lists) {
    const stride = Math.max(1, Math.floor(values.length / 1200));
    const points = [];
    for (let i = 0; i < values.length; i += stride)
      points.push([x(i), y(values[i])], [x(Math.min(values.length, i + stride)), y(values[i])]);
    if (points.length)
      f.element.append(svg("path", { class: `line ${kind}${faint ? " faint" : ""}`, d: path(points) }));
  }
  const cover = svg("rect", { class: "hover", x: f.left, y: f.top, width: f.right - f.left, height: f.bottom - f.top });
  const show = (event) => {
    const { left, width: shown } = f.element.getBoundingClientRect();
    const at = ((event.clientX - left) * width) / shown;
    const i = Math.max(0, Math.min(n - 1, Math.floor(((at - f.left) / (f.right - f.left)) * n)));
    showTip(event, words(i));
  };
  cover.addEventListener("pointermove", show);
  cover.addEventListener("click", show);
  cover.addEventListener("pointerleave", hideTip);
  f.element.append(cover);
  return f.element;
}

function addErrors() {
  const order = Array.from(ours.errors.keys()).sort((a, b) => ours.errors[a] - ours.errors[b]);
  const sorted = order.map((gate) => ours.errors[gate]);
  const linearSorted = linear && ascending(linear.errors);
  const lowest = Math.min(...[sorted, linearSorted].filter(Boolean).map((errors) => quantile(errors, 0.02)));
  const LEAST = [0.2, 0.1, 0.05, 0.02].find((least) => least <= lowest) ?? 0.01;
  const half = quantile(sorted, 0.5);
  addFigure({
    id: "errors",
    short: "Error of each gate",
    title:
      nGates === 1
        ? `The gate is never farther off than ${figure3(half)}${linear ? `; in the linear code, ${figure3(linearSorted[0])}` : ""}`
        : `Half of the gates are never farther off than ${figure3(half)}${linear ? `; in the linear code, ${figure3(quantile(linearSorted, 0.5))}` : ""}`,
    key: key(["net line", "this network"], withLinear(["linear line", "linear code of the same width"])),
    note:
      "The largest |read-off − truth| of each gate on any input of the evaluation, gates sorted by it" +
      (sorted[0] < LEAST || (linear && linearSorted[0] < LEAST) ? `; below ${LEAST} drawn at ${LEAST}.` : "."),
    draw: (width) =>
      rankCurves(width, {
        lists: [...(linear ? [{ values: linearSorted, kind: "linear" }] : []), { values: sorted, kind: "net" }],
        axis: "gates, the best first",
        name: "largest error",
        log: true,
        least: LEAST,
        limits: [
          [0.25, "ε = ¼"],
          [0.5, "½"],
        ],
        words: (i) => [
          tipTitle(formula(order[Math.min(i, nGates - 1)])),
          tipLine(`largest error ${figure3(sorted[i])}`),
          linear
            ? tipLine(
                `linear code: ${figure3(linear.errors[order[i]])} for this gate, ${figure3(linearSorted[i])} ` +
                  "at this rank",
              )
            : null,
        ],
      }),
  });
}

function addLayers() {
  const rows = layers
    .map((layer) => ({
      name: layer.name,
      isEmpty: layer.n_gates === 0,
      reliability: [ours, linear].map((of) => of && of.report.layers[layer.index].reliability),
      epsilon: [ours, linear].map((of) => of && of.epsilon[layer.index]),
    }))
    .filter((row) => !row.isEmpty);
  rows.push({
    name: rows.length > 1 ? "all layers" : "",
    reliability: [ours, linear].map((of) => of && of.report.reliability),
    epsilon: [ours, linear].map((of) => of && of.report.epsilon["0.99"]),
  });
  if (rows.length === 2) (rows.shift(), (rows[0].name = layers.find((layer) => layer.n_gates).name));
  const worst = rows.slice(0, -1).sort((a, b) => a.reliability[0] - b.reliability[0])[0];
  const all = rows[rows.length - 1];
  const [mine, others] = all.reliability;
  const words = mine === 1 ? "On every input every gate is right" : `${shortShare(mine)} of inputs: every gate right`;
  const samples = ours.report.samples;
  addFigure({
    id: "layers",
    short: "Layers",
    title:
      words +
      (linear ? `; the linear code of this width: ${shortShare(others)}` : "") +
      (worst && worst.reliability[0] < 1 ? `; layer ${worst.name} is where most is lost` : ""),
    key: key(["net dot", "this network"], withLinear(["linear dot", "linear code of the same width"])),
    note:
      `Left, the share of ${grouped(samples)} inputs on which every gate of the layer is on the ` +
      "right side of its threshold, each nine one step. " +
      "Right, ε at 99 %: no read-off of the layer is farther off on 99 % of the inputs; ½ and beyond says nothing.",
    draw: (width) => {
      const isWide = width > 620;
      const nameWidth = Math.min(isWide ? 120 : 96, 16 + 7 * Math.max(...rows.map(({ name }) => name.length)));
      const panel = (w, ticks, words_, scale, valueOf, axis, tell) => {
        const height = 58 + 30 * rows.length + 12;
        const f = frame(w, height, { left: nameWidth, right: 22, top: 10, bottom: 50 });
        const x = scale(f.left + 6, f.right);
        xAxis(f, x, ticks, words_, axis);
        rows.forEach((row, i) => {
          const y = f.top + 30 * (i + 0.5) + 4;
          f.element.append(svg("path", { class: "rule", d: `M${f.left} ${y}H${f.right}` }));
          const text =
            row.name.length > nameWidth / 7 ? `${row.name.slice(0, Math.floor(nameWidth / 7) - 1)}…` : row.name;
          f.element.append(
            svg(
              "text",
              {
                class: row === all && rows.length > 1 ? "tick strong" : "tick",
                x: f.left - 10,
                y: y + 4,
                "text-anchor": "end",
              },
              text,
            ),
          );
          const [a, b] = valueOf(row);
          const known = (value) => value !== null && value !== undefined;
          if (known(b) && known(a)) f.element.append(svg("path", { class: "between", d: `M${x(a)} ${y}H${x(b)}` }));
          if (known(b)) f.element.append(svg("circle", { class: "dot linear", cx: x(b), cy: y, r: 5 }));
          if (known(a)) f.element.append(svg("circle", { class: "dot net", cx: x(a), cy: y, r: 5.5 }));
          const rect = svg("rect", { class: "hover", x: 0, y: y - 15, width: w, height: 30 });
          const show = (event) => showTip(event, tipTitle(row.name), tipLine(tell(a, b)));
          rect.addEventListener("pointermove", show);
          rect.addEventListener("click", show);
          rect.addEventListener("pointerleave", hideTip);
          f.element.append(rect);
        });
        return f.element;
      };
      const limit = 1 / Math.max(100, samples);
      const nines = (from, to) => {
        const s = linearScale(0, -Math.log10(limit) + 0.5, from, to);
        return (value) => s(value >= 1 ? -Math.log10(limit) + 0.5 : -Math.log10(Math.max(limit, 1 - value)));
      };
      const ticks = [0, 0.5, 0.9];
      for (let missing = 0.01; missing >= limit * 0.99; missing /= 10) ticks.push(1 - missing);
      const farthest = Math.max(
        0.56,
        Math.min(
          4,
          Math.max(
            ...rows.flatMap((row) =>
              row.epsilon.filter((value) => value !== null && value !== undefined && value < 1e6),
            ),
          ),
        ),
      );
      const epsilonScale = (from, to) => {
        const s = linearScale(0, farthest, from, to);
        return (value) => s(Math.min(value ?? farthest, farthest));
      };
      const each = isWide ? width / 2 - 10 : width;
      const compare = (words__) => (a, b) => `${words__(a)}${linear ? `; linear code ${words__(b)}` : ""}`;
      return html(
        "div",
        { class: "panels" },
        panel(
          each,
          [...ticks, 1],
          (tick) => (tick === 1 ? "1" : String(Number(tick.toPrecision(8)))),
          nines,
          (row) => row.reliability,
          "inputs on which every gate is right",
          compare((value) => share(value)),
        ),
        panel(
          each,
          steps(0, farthest),
          (tick) => String(tick),
          epsilonScale,
          (row) => row.epsilon,
          "ε at 99 %" + (farthest === 4 ? " (beyond 4 at the edge)" : ""),
          compare(figure3),
        ),
      );
    },
  });
}
