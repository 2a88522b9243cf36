// The response matrix: with the operands of a gate on and nothing else, what every read-off says. The network is run
// here, row by row, and only for what is drawn.

/** Gates that are run at once each way; of more, evenly some. */
const MOST_RESPONSES = 200;

const responses = new Map();
function response(gate) {
  if (!responses.has(gate)) responses.set(gate, { states: activations(ownInput(gate)), value: truth(ownInput(gate)) });
  return responses.get(gate);
}
function responseAt(row, column) {
  const { states } = response(row);
  const { layer, place } = placeOf(column);
  return asWritten(column, layer.readoff.chain(layer.readoffBias[place], place, states[layer.index].above));
}
const sampled = ([from, to], n) => Array.from({ length: n }, (_, bin) => from + Math.floor((bin * (to - from)) / n));

function addResponse() {
  let heat = null;
  let isClaimed = false;
  const isAll = nGates <= MOST_RESPONSES;
  addFigure({
    id: "response",
    short: "Response matrix",
    title: "What every read-off says when one gate’s operands are on",
    key: key(["plus square", "read as 1"], ["zero square", "as 0"], ["minus square", "below 0"]),
    note:
      "A row: the operands of that gate on (those that it reads without negation, down to features), " +
      "and no other feature. A column: a read-off, as written. " +
      (isAll
        ? ""
        : `Of ${grouped(nGates)} gates evenly ${MOST_RESPONSES} are drawn each way: zoom in for the others. `) +
      "What lights up off the diagonal is either true (gates that share operands) or interference: " +
      "hover or tap a cell for which.",
    draw: (width) => {
      heat ??= new Heat({
        rows: nGates,
        columns: nGates,
        rowName: (i) => data.gates.names[i],
        columnName: (i) => data.gates.names[i],
        rowAxis: "gates whose operands are on",
        columnAxis: "read-offs",
        most: 1,
        mostBins: MOST_RESPONSES,
        bins: (r, c, nRows, nColumns) => {
          const [rows, columns] = [sampled(r, nRows), sampled(c, nColumns)];
          const bins = new Float32Array(nRows * nColumns);
          rows.forEach((row, i) => columns.forEach((column, k) => (bins[i * nColumns + k] = responseAt(row, column))));
          if (!isClaimed) claim(rows, columns, bins);
          isClaimed = true;
          return bins;
        },
        tell: (row, column) => {
          const is = response(row).value[nFeatures + column];
          const reading = responseAt(row, column);
          return [
            tipTitle(`${data.gates.names[column]} is read as ${figure3(reading)}`),
            tipLine(
              `truth ${is}, threshold ${figure3(thresholdOf(column))}: ${(reading > thresholdOf(column) ? 1 : 0) === is ? "right" : "WRONG"}`,
            ),
            tipLine(`on: ${ownInput(row).map(nameOf).join(", ") || "nothing"} (operands of ${data.gates.names[row]})`),
          ];
        },
      });
      heat.layout(width);
      return heat.element;
    },
  });
}

/** What is to be seen, from the read-offs that are drawn. */
function claim(rows, columns, readings) {
  const isRight = (value, gate, reading) => (reading > thresholdOf(gate) ? 1 : 0) === value[nFeatures + gate];
  let [own, others, wrong, farthest] = [0, 0, 0, 0];
  rows.forEach((row, i) => {
    const { value } = response(row);
    own += isRight(value, row, responseAt(row, row)) ? 1 : 0;
    columns.forEach((column, k) => {
      if (row === column) return;
      const reading = readings[i * columns.length + k];
      others++;
      wrong += isRight(value, column, reading) ? 0 : 1;
      farthest = Math.max(farthest, Math.abs(reading - value[nFeatures + column]));
    });
  });
  const of = `${grouped(rows.length)}${rows.length === nGates ? "" : " drawn"}`;
  document.querySelector("#response h2").textContent =
    nGates === 1
      ? `On its own operands the gate is read ${own ? "right" : "wrong"}`
      : `On their own operands ${own === rows.length ? "all" : grouped(own)} of ${of} gates are read ` +
        `right; of ${grouped(others)} other read-offs ` +
        `${wrong ? grouped(wrong) : "none"} ${wrong > 1 ? "are" : "is"} wrong, the farthest off by ` +
        `${figure3(farthest)}`;
}
