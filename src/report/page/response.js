// The response matrix: with the operands of a gate on and nothing else, what every read-off says. Runs the network here,
// row by row, and only for what is drawn.

/** Gates that are run at once each way; of more, evenly some. */
const MOST_RESPONSES = 260;

const responses = new Map();
function response(gate) {
  if (!responses.has(gate)) responses.set(gate, { states: activations(ownInput(gate)), value: truth(ownInput(gate)) });
  return responses.get(gate);
}
function responseAt(row, column) {
  const { states } = response(row);
  const { layer, place } = placeOf(column);
  return asWritten(column, readoffs(layer, states[layer.index].above, [place])[0]);
}
const sampled = ([from, to], n) => Array.from({ length: n }, (_, bin) => from + Math.floor((bin * (to - from)) / n));

function addResponse() {
  let heat = null;
  const isAll = nGates <= MOST_RESPONSES;
  addFigure({
    id: "response", short: "Response matrix", title: "What every read-off says when one gate’s operands are on",
    key: key(["plus square", "read as 1"], ["zero square", "as 0"], ["minus square", "below 0"]),
    note: "A row: the operands of that gate on (those that it reads without negation, down to features), and no other feature. A column: a read-off, as written. " +
      (isAll ? "" : `Of ${grouped(nGates)} gates evenly ${MOST_RESPONSES} are drawn each way: zoom in for the others. `) +
      "What lights up off the diagonal is either true (gates that share operands) or interference: hover or tap a cell for which.",
    draw: (width) => {
      heat ??= new Heat({
        rows: nGates, columns: nGates, rowName: (i) => data.gates.names[i], columnName: (i) => data.gates.names[i],
        rowAxis: "gates whose operands are on", columnAxis: "read-offs", most: 1, mostBins: MOST_RESPONSES,
        bins: (r, c, nRows, nColumns) => {
          const [rows, columns] = [sampled(r, nRows), sampled(c, nColumns)];
          return Float32Array.from(rows.flatMap((row) => columns.map((column) => responseAt(row, column))));
        },
        tell: (row, column) => {
          const is = response(row).value[nFeatures + column];
          const reading = responseAt(row, column);
          return [tipTitle(`${data.gates.names[column]} is read as ${figure3(reading)}`),
            tipLine(`truth ${is}, threshold ${figure3(thresholdOf(column))}: ${(reading > thresholdOf(column) ? 1 : 0) === is ? "right" : "WRONG"}`),
            tipLine(`on: ${ownInput(row).map(nameOf).join(", ") || "nothing"} (operands of ${data.gates.names[row]})`)];
        },
      });
      heat.layout(width);
      claim(isAll);
      return heat.element;
    },
  });
}

/** What is to be seen, from the gates that are drawn. */
function claim(isAll) {
  const gates = sampled([0, nGates], Math.min(nGates, MOST_RESPONSES));
  let [own, wrong, farthest] = [0, 0, 0];
  for (const row of gates) {
    const { value } = response(row);
    for (const column of gates) {
      const reading = responseAt(row, column);
      const is = value[nFeatures + column];
      const isRight = (reading > thresholdOf(column) ? 1 : 0) === is;
      if (row === column) own += isRight ? 1 : 0;
      else {
        wrong += isRight ? 0 : 1;
        farthest = Math.max(farthest, Math.abs(reading - is));
      }
    }
  }
  const of = `${grouped(gates.length)}${isAll ? "" : " drawn"}`;
  const others = gates.length * (gates.length - 1);
  document.querySelector("#response h2").textContent = gates.length === 1 ? `On its own operands the gate is read ${own ? "right" : "wrong"}`
    : `On their own operands ${own === gates.length ? "all" : grouped(own)} of ${of} gates are read right; of ${grouped(others)} other read-offs ` +
      `${wrong ? grouped(wrong) : "none"} ${wrong > 1 ? "are" : "is"} wrong, the farthest off by ${figure3(farthest)}`;
}
