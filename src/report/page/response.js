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

const linearResponse = data.baseline_response && {
  gates: data.baseline_response.gates,
  readings: floats(data.baseline_response.readings),
  thresholds: floats(data.baseline_response.thresholds),
};
/** The gates that the claim is about: those of which the linear code's are known, too. */
const looked = linearResponse?.gates ?? sampled([0, nGates], Math.min(nGates, MOST_RESPONSES));

/** What a cell says: of a network that reads `reading` there, with this threshold. */
function tellResponse(row, column, reading, threshold) {
  const is = response(row).value[nFeatures + column];
  return [
    tipTitle(`${data.gates.names[column]} is read as ${figure3(reading)}`),
    tipLine(`truth ${is}, threshold ${figure3(threshold)}: ${(reading > threshold ? 1 : 0) === is ? "right" : "WRONG"}`),
    tipLine(`on: ${ownInput(row).map(nameOf).join(", ") || "nothing"} (operands of ${data.gates.names[row]})`),
  ];
}

const responseAxes = { rowAxis: "gates whose operands are on", columnAxis: "read-offs", most: 1 };

function ownHeat() {
  return new Heat({
    ...responseAxes,
    rows: nGates,
    columns: nGates,
    rowName: (i) => data.gates.names[i],
    columnName: (i) => data.gates.names[i],
    mostBins: MOST_RESPONSES,
    bins: (r, c, nRows, nColumns) => {
      const [rows, columns] = [sampled(r, nRows), sampled(c, nColumns)];
      const bins = new Float32Array(nRows * nColumns);
      rows.forEach((row, i) => columns.forEach((column, k) => (bins[i * nColumns + k] = responseAt(row, column))));
      return bins;
    },
    tell: (row, column) => tellResponse(row, column, responseAt(row, column), thresholdOf(column)),
  });
}

/** Of the linear code only the gates that were looked at are known. */
function linearHeat() {
  const { gates, readings, thresholds } = linearResponse;
  const at = (row, column) => readings[row * gates.length + column];
  return new Heat({
    ...responseAxes,
    rows: gates.length,
    columns: gates.length,
    rowName: (i) => data.gates.names[gates[i]],
    columnName: (i) => data.gates.names[gates[i]],
    bins: (r, c, nRows, nColumns) => {
      const [rows, columns] = [sampled(r, nRows), sampled(c, nColumns)];
      return Float32Array.from(rows.flatMap((row) => columns.map((column) => at(row, column))));
    },
    tell: (row, column) => tellResponse(gates[row], gates[column], at(row, column), thresholds[column]),
  });
}

function addResponse() {
  let heats = null;
  const isAll = nGates <= MOST_RESPONSES;
  addFigure({
    id: "response",
    short: "Response matrix",
    title: responseClaim(),
    key: key(["plus square", "read as 1"], ["zero square", "as 0"], ["minus square", "below 0"]),
    note:
      "A row: the operands of that gate on (those that it reads without negation, down to features), " +
      "and no other feature. A column: a read-off, as written. " +
      (isAll
        ? ""
        : `Of ${grouped(nGates)} gates evenly ${MOST_RESPONSES} are looked at each way: zoom in for the others` +
          `${linearResponse ? " of this network" : ""}. `) +
      "What lights up off the diagonal is either true (gates that share operands) or interference: " +
      "hover or tap a cell for which.",
    draw: (width) => {
      heats ??= [
        ["This network", ownHeat()],
        ...(linearResponse ? [["The linear code of this width", linearHeat()]] : []),
      ];
      heats.forEach(([, heat]) => heat.layout(width));
      if (heats.length === 1) return heats[0][1].element;
      return html("div", {}, ...heats.flatMap(([name, heat]) => [html("h3", {}, name), heat.element]));
    },
  });
}

/** How a network reads the gates that are looked at; `at(i, k)` and `threshold(k)` by their places among them. */
function howRead(at, threshold) {
  const found = { own: 0, others: 0, wrong: 0, farthest: 0 };
  looked.forEach((row, i) => {
    const { value } = response(row);
    looked.forEach((column, k) => {
      const [reading, is] = [at(i, k), value[nFeatures + column]];
      const isRight = (reading > threshold(k) ? 1 : 0) === is;
      if (row === column) {
        found.own += isRight ? 1 : 0;
        return;
      }
      found.others++;
      found.wrong += isRight ? 0 : 1;
      found.farthest = Math.max(found.farthest, Math.abs(reading - is));
    });
  });
  return found;
}

/** What is to be seen. */
function responseClaim() {
  const here = howRead(
    (i, k) => responseAt(looked[i], looked[k]),
    (k) => thresholdOf(looked[k]),
  );
  const there =
    linearResponse &&
    howRead(
      (i, k) => linearResponse.readings[i * looked.length + k],
      (k) => linearResponse.thresholds[k],
    );
  if (nGates === 1) return `On its own operands the gate is read ${here.own ? "right" : "wrong"}`;
  const all = (n) => (n === looked.length ? "all" : grouped(n));
  const none = (n) => (n ? grouped(n) : "none");
  const of = `${grouped(looked.length)} gates${looked.length === nGates ? "" : " that are looked at"}`;
  return (
    `On their own operands ${all(here.own)} of ${of} are read right` +
    (there ? ` (linear code ${all(there.own)})` : "") +
    `; of ${grouped(here.others)} other read-offs ${none(here.wrong)} ${here.wrong > 1 ? "are" : "is"} wrong` +
    (there ? ` (${none(there.wrong)})` : "") +
    `, the farthest off by ${figure3(here.farthest)}` +
    (there ? ` (${figure3(there.farthest)})` : "")
  );
}
