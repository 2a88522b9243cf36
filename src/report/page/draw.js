// Elements, numbers in words, axes, and figures that are drawn anew when their width changes.

const SVG = "http://www.w3.org/2000/svg";

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}
const html = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) => filled(document.createElementNS(SVG, tag), attributes, children);

/** Thousands apart by a narrow space that no line breaks at; four digits stay together. */
function grouped(n) {
  const digits = String(Math.round(n));
  return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");
}
const counted = (n, noun) => `${grouped(n)} ${noun}${n === 1 ? "" : "s"}`;

/** Four places, never 1 unless it is 1. */
const share = (value) => (value < 1 && value >= 0.99995 ? "0.9999" : value.toFixed(4));
/** The same for a sentence: `0.32`, `0.9994`. */
const shortShare = (value) => (value === 1 ? "all" : value > 0.99 ? share(value) : value.toFixed(2));

/** Three significant places. */
function figure3(value) {
  if (value === null || value === undefined) return "–";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "no number" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const text =
    size === 0
      ? "0"
      : size >= 1e5 || size < 5e-4
        ? size.toExponential(1)
        : size >= 100
          ? size.toFixed(0)
          : size >= 10
            ? size.toFixed(1)
            : size.toFixed(3);
  return (value < 0 && Number(text) !== 0 ? "−" : "") + text;
}

const cssColor = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const linearScale = (from, to, low, high) => (value) => low + ((value - from) / (to - from)) * (high - low);
function logScale(from, to, low, high) {
  const scale = linearScale(Math.log10(from), Math.log10(to), low, high);
  return (value) => scale(Math.log10(Math.min(to, Math.max(from, value))));
}

/** 1, 2 and 5 of every decade. */
function decades(from, to) {
  const all = powersOfTen(from / 10, to).flatMap((power) => [power, 2 * power, 5 * power]);
  return all.filter((tick) => tick >= from * 0.999 && tick <= to * 1.001).map((tick) => Number(tick.toPrecision(2)));
}
function powersOfTen(from, to) {
  const ticks = [];
  for (let power = Math.ceil(Math.log10(from) - 1e-9); power <= Math.log10(to) + 1e-9; power++) ticks.push(10 ** power);
  return ticks;
}
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
function powerText(value) {
  const power = Math.round(Math.log10(value));
  if (power >= -3 && power <= 3) return String(Number(value.toPrecision(1)));
  return "10" + (power < 0 ? "⁻" : "") + [...String(Math.abs(power))].map((digit) => SUPERSCRIPTS[digit]).join("");
}

/** Round steps between, some five. */
function steps(from, to, about = 5) {
  const rough = (to - from) / about;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * unit).find((candidate) => candidate >= rough * 0.999);
  const ticks = [];
  for (let tick = Math.ceil(from / step - 1e-9) * step; tick <= to + step * 1e-6; tick += step) {
    ticks.push(Number(tick.toPrecision(8)));
  }
  return ticks;
}

/** A path through points, [[x, y], …]. */
const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

/** Words on a halo of paper, so that lines below do not cross them. */
const label = (x, y, text, attributes = {}) => svg("text", { x, y, class: "label", ...attributes }, text);

/** A key: what strokes and fills mean, above a plot. */
const key = (...entries) =>
  html(
    "p",
    { class: "key" },
    entries.filter(Boolean).map(([mark, words]) => html("span", {}, html("i", { class: `mark ${mark}` }), words)),
  );

const figures = [];

/** Adds a figure: a claim, what it is of, and how it is drawn at a width; drawn again whenever that changes. */
function addFigure({ id, short, title, key: keyed, draw, note, isStill }) {
  const box = html("div", { class: "plot" });
  const element = html(
    "figure",
    { id },
    html("figcaption", {}, html("p", { class: "kicker" }, short), html("h2", {}, title)),
    keyed ?? null,
    box,
    note ? html("p", { class: "note" }, note) : null,
  );
  document.getElementById("figures").append(element);
  document.getElementById("contents").append(html("a", { href: `#${id}` }, short));
  let drawnAt = 0;
  const redraw = (isForced) => {
    const width = Math.round(box.clientWidth);
    if (width === 0 || (!isForced && (isStill ? drawnAt !== 0 : width === drawnAt))) return;
    drawnAt = width;
    const drawn = draw(width, box);
    if (drawn) box.replaceChildren(...[drawn].flat().filter(Boolean));
  };
  figures.push(redraw);
  new ResizeObserver(() => requestAnimationFrame(() => redraw(false))).observe(box);
  redraw(false);
  return element;
}

function frame(width, height, margins) {
  const element = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", width: "100%" });
  const area = { left: margins.left, top: margins.top, right: width - margins.right, bottom: height - margins.bottom };
  return { element, ...area };
}

/** Rules and words of an axis; words that would touch those before, or the last, are left out. */
function xAxis(f, scale, ticks, words, name) {
  let free = -Infinity;
  const last = ticks.length - 1;
  const end = ticks.length ? scale(ticks[last]) - 3.6 * words(ticks[last], last).length - 6 : 0;
  for (const [i, tick] of ticks.entries()) {
    const [x, text] = [scale(tick), words(tick, i)];
    f.element.append(svg("path", { class: "rule", d: `M${x} ${f.top}V${f.bottom}` }));
    const half = 3.6 * text.length;
    if (x - half > free && (i === last || x + half < end)) {
      f.element.append(svg("text", { class: "tick", x, y: f.bottom + 18, "text-anchor": "middle" }, text));
      free = x + half + 6;
    }
  }
  f.element.append(
    svg("text", { class: "axis", x: (f.left + f.right) / 2, y: f.bottom + 38, "text-anchor": "middle" }, name),
  );
}
function yAxis(f, scale, ticks, words, name) {
  for (const tick of ticks) {
    const y = scale(tick);
    f.element.append(svg("path", { class: "rule", d: `M${f.left} ${y}H${f.right}` }));
    f.element.append(svg("text", { class: "tick", x: f.left - 8, y: y + 4, "text-anchor": "end" }, words(tick)));
  }
  f.element.append(svg("text", { class: "axis", x: 0, y: f.top - 12 }, name));
}
