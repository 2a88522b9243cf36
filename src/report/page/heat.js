// A matrix as a picture that can be zoomed and moved: colours for values, names on both axes, and of the cell that is
// pointed at what it is. Knows nothing of what the matrix means.

const parsedColor = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));

/** From −most over 0 to most: two hues that leave the colour of the paper. */
function palette() {
  const [zero, plus, minus] = ["--heat-zero", "--heat-plus", "--heat-minus"].map((name) => parsedColor(cssColor(name)));
  return (share) => {
    const strength = Math.min(1, Math.abs(share)) ** 0.6;
    const end = share < 0 ? minus : plus;
    return zero.map((channel, i) => channel + (end[i] - channel) * strength);
  };
}

/** What is farthest from 0 in each bin of a part of a matrix: nRows × nColumns bins over rows and columns [from, to). */
function extremes(matrix, [r0, r1], [c0, c1], nRows, nColumns) {
  const bins = new Float32Array(nRows * nColumns);
  for (let row = r0; row < r1; row++) {
    const first = Math.floor(((row - r0) * nRows) / (r1 - r0)) * nColumns;
    const put = (column, value) => {
      const bin = first + Math.floor(((column - c0) * nColumns) / (c1 - c0));
      if (Math.abs(value) > Math.abs(bins[bin])) bins[bin] = value;
    };
    if (matrix.isSparse) {
      matrix.eachInRow(row, (column, value) => column >= c0 && column < c1 && put(column, value));
    } else {
      const { values, columns } = matrix;
      for (let column = c0; column < c1; column++) put(column, values[row * columns + column]);
    }
  }
  return bins;
}

/** A size that all but a few in a thousand values stay below. */
function usualSize(values) {
  const stride = Math.max(1, Math.floor(values.length / 20000));
  const sizes = [];
  for (let i = 0; i < values.length; i += stride) if (values[i] !== 0) sizes.push(Math.abs(values[i]));
  sizes.sort((a, b) => a - b);
  return sizes.length ? sizes[Math.floor(0.995 * (sizes.length - 1))] : 1;
}

class Heat {
  /**
   * rows, columns: how many; rowName, columnName: what each is called; rowAxis, columnAxis: what all are;
   * bins(rows, columns, nRows, nColumns): what to colour, in at most mostBins each way; most: the value of the full
   * colour; tell(row, column): lines.
   */
  constructor(given) {
    Object.assign(this, given);
    this.reset();
    this.canvas = html("canvas", { tabindex: 0, role: "img", "aria-label": `${given.rowAxis} by ${given.columnAxis}` });
    this.canvas.style.touchAction = "pan-y";
    this.listen();
    const button = (text, title, act) =>
      html("button", { type: "button", title, "aria-label": title, onclick: act }, text);
    this.tools = html(
      "div",
      { class: "tools" },
      button("+", "nearer", () => this.zoom(2)),
      button("−", "farther", () => this.zoom(0.5)),
      button("whole", "the whole matrix", () => {
        this.reset();
        this.paint();
      }),
      html(
        "span",
        { class: "scale" },
        `−${figure3(this.most)}`,
        html("i", { class: "ramp" }),
        `+${figure3(this.most)}`,
      ),
    );
    this.element = html("div", { class: "heat" }, this.canvas, this.tools);
  }

  reset() {
    this.view = { r0: 0, r1: this.rows, c0: 0, c1: this.columns };
  }

  layout(width) {
    const left = width > 560 ? 124 : 82;
    const bottom = 96;
    const w = Math.min(width - left - 2, this.columns * 30);
    const h = Math.min(this.rows * 24, Math.max(200, Math.min(520, w * 0.72)));
    Object.assign(this, { width, left, w, h, height: h + bottom });
    this.paint();
  }

  paint() {
    const { canvas, width, height, left, w, h } = this;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const rows = [Math.floor(this.view.r0), Math.ceil(this.view.r1)];
    const columns = [Math.floor(this.view.c0), Math.ceil(this.view.c1)];
    const mostBins = this.mostBins ?? Infinity;
    const binsOf = (n, pixels) => Math.min(n, Math.round(pixels * ratio), mostBins);
    const [nRows, nColumns] = [binsOf(rows[1] - rows[0], h), binsOf(columns[1] - columns[0], w)];
    const bins = this.bins(rows, columns, nRows, nColumns);
    const image = new ImageData(nColumns, nRows);
    const color = palette();
    for (let bin = 0; bin < bins.length; bin++) {
      const [red, green, blue] = color(bins[bin] / this.most);
      image.data.set([red, green, blue, 255], 4 * bin);
    }
    const small = document.createElement("canvas");
    small.width = nColumns;
    small.height = nRows;
    small.getContext("2d").putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.save();
    context.beginPath();
    context.rect(left, 0, w, h);
    context.clip();
    const [x, y] = [this.x(columns[0]), this.y(rows[0])];
    context.drawImage(small, x, y, this.x(columns[1]) - x, this.y(rows[1]) - y);
    context.restore();
    context.strokeStyle = cssColor("--rule");
    context.strokeRect(left - 0.5, -0.5, w + 1, h + 1);
    this.names(context);
  }

  names(context) {
    const { left, w, h, view } = this;
    context.fillStyle = cssColor("--faint");
    context.font = "11px system-ui, sans-serif";
    const fits = (text, most) => {
      if (context.measureText(text).width <= most) return text;
      let end = text.length;
      while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > most) end--;
      return `${text.slice(0, end)}…`;
    };
    const every = (size) => Math.max(1, Math.ceil(13 / size));
    context.textAlign = "right";
    context.textBaseline = "middle";
    const rowSize = h / (view.r1 - view.r0);
    for (let row = Math.ceil(view.r0 / every(rowSize)) * every(rowSize); row < view.r1; row += every(rowSize)) {
      const y = this.y(row + 0.5);
      if (y > 4 && y < h - 3) context.fillText(fits(this.rowName(row), left - 24), left - 6, y);
    }
    const columnSize = w / (view.c1 - view.c0);
    for (
      let column = Math.ceil(view.c0 / every(columnSize)) * every(columnSize);
      column < view.c1;
      column += every(columnSize)
    ) {
      const x = this.x(column + 0.5);
      if (x < left + 4 || x > left + w - 3) continue;
      context.save();
      context.translate(x, h + 6);
      context.rotate(-Math.PI / 2);
      context.fillText(fits(this.columnName(column), 66), 0, 0);
      context.restore();
    }
    context.fillStyle = cssColor("--ink");
    context.font = "12px system-ui, sans-serif";
    context.textAlign = "left";
    context.fillText(`→ ${this.columnAxis}`, left, h + 88);
    context.save();
    context.translate(8, h);
    context.rotate(-Math.PI / 2);
    context.fillText(fits(`→ ${this.rowAxis}`, h), 0, 0);
    context.restore();
  }

  x(column) {
    return this.left + ((column - this.view.c0) / (this.view.c1 - this.view.c0)) * this.w;
  }
  y(row) {
    return ((row - this.view.r0) / (this.view.r1 - this.view.r0)) * this.h;
  }

  cellAt(event) {
    const [x, y] = within(this.canvas, event);
    const { view } = this;
    const column = Math.floor(view.c0 + ((x - this.left) / this.w) * (view.c1 - view.c0));
    const row = Math.floor(view.r0 + (y / this.h) * (view.r1 - view.r0));
    const isIn = x >= this.left && x < this.left + this.w && y >= 0 && y < this.h;
    return isIn && row < this.rows && column < this.columns ? { row, column } : null;
  }

  /** Nearer by a factor, around a point of the picture or its middle. */
  zoom(factor, at) {
    const { view } = this;
    const spans = [view.r1 - view.r0, view.c1 - view.c0];
    const [row, column] = at ? [at.row + 0.5, at.column + 0.5] : [(view.r0 + view.r1) / 2, (view.c0 + view.c1) / 2];
    const [rows, columns] = [
      Math.min(this.rows, Math.max(Math.min(4, this.rows), spans[0] / factor)),
      Math.min(this.columns, Math.max(Math.min(4, this.columns), spans[1] / factor)),
    ];
    const r0 = row - ((row - view.r0) / spans[0]) * rows;
    const c0 = column - ((column - view.c0) / spans[1]) * columns;
    this.view = { r0, r1: r0 + rows, c0, c1: c0 + columns };
    this.move(0, 0);
  }

  /** By so many rows and columns, as far as there are some. */
  move(rows, columns) {
    const { view } = this;
    const by = (from, to, n, step) => Math.max(-from, Math.min(n - to, step));
    const [down, right] = [by(view.r0, view.r1, this.rows, rows), by(view.c0, view.c1, this.columns, columns)];
    this.view = { r0: view.r0 + down, r1: view.r1 + down, c0: view.c0 + right, c1: view.c1 + right };
    const isWhole = this.view.r1 - this.view.r0 >= this.rows && this.view.c1 - this.view.c0 >= this.columns;
    this.canvas.style.touchAction = isWhole ? "pan-y" : "none";
    this.paint();
  }

  listen() {
    const { canvas } = this;
    const fingers = new Map();
    let apart = 0;
    const distance = () => {
      const [a, b] = [...fingers.values()];
      return Math.hypot(a[0] - b[0], a[1] - b[1]);
    };
    canvas.addEventListener("pointerdown", (event) => {
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      if (fingers.size === 2) apart = distance();
    });
    const up = (event) => fingers.delete(event.pointerId);
    canvas.addEventListener("pointerup", up);
    canvas.addEventListener("pointercancel", up);
    canvas.addEventListener("pointerleave", (event) => {
      up(event);
      hideTip();
    });
    canvas.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (before) {
        fingers.set(event.pointerId, [event.clientX, event.clientY]);
        if (fingers.size === 2) {
          const now = distance();
          if (Math.abs(Math.log(now / apart)) > 0.1) {
            this.zoom(now / apart, this.cellAt(event));
            apart = now;
          }
          return;
        }
        const { view } = this;
        this.move(
          ((before[1] - event.clientY) / this.h) * (view.r1 - view.r0),
          ((before[0] - event.clientX) / this.w) * (view.c1 - view.c0),
        );
      }
      this.say(event);
    });
    canvas.addEventListener("click", (event) => this.say(event));
    canvas.addEventListener("dblclick", (event) => this.zoom(event.shiftKey ? 0.5 : 2, this.cellAt(event)));
    canvas.addEventListener(
      "wheel",
      (event) => {
        // The page scrolls, unless somebody means the picture.
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.zoom(event.deltaY < 0 ? 1.25 : 0.8, this.cellAt(event));
      },
      { passive: false },
    );
    canvas.addEventListener("keydown", (event) => {
      const { view } = this;
      const [rows, columns] = [(view.r1 - view.r0) / 8, (view.c1 - view.c0) / 8];
      const acts = {
        "+": () => this.zoom(2),
        "-": () => this.zoom(0.5),
        0: () => {
          this.reset();
          this.paint();
        },
        ArrowUp: () => this.move(-rows, 0),
        ArrowDown: () => this.move(rows, 0),
        ArrowLeft: () => this.move(0, -columns),
        ArrowRight: () => this.move(0, columns),
      };
      if (acts[event.key]) {
        event.preventDefault();
        acts[event.key]();
      }
    });
  }

  say(event) {
    const cell = this.cellAt(event);
    if (cell) showTip(event, this.tell(cell.row, cell.column));
    else hideTip();
  }
}
