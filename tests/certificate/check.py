"""Checks a certificate of `superpose verify --certificate` against its network, with nothing but NumPy.

    python check.py NETWORK.safetensors CERTIFICATE.json

Exit code 0: what the certificate states is true of this very file. 1: refused, and why.

What is stated. A network of layers h_l = relu(W_l h_{l-1} + b_l), h_{-1} = x or Φ x, reads gate k of layer l as
y = R_l[k] · h_l + r_l[k]. On every input x of the support y is above its threshold where the gate is on, and not above
it where it is off; or, where the statement has an ε, |y - truth| < ε. The certificate lists the gates, the support, and
for each gate and side the worst reading, with an input that has it.

What is checked, in f64 on the weights as they are in the file:
1. The file's SHA-256; that gates, layers and thresholds are the file's, and the number of inputs is the support's (not
   where some features are on with others only, and inputs are many).
2. Each worst reading is what the network reads on its input, which is of the support, and has the gate so.
3. No input of the support reads worse than that by more than `tolerance`. Where inputs are few, for rows of a file, and
   for layers above the first all inputs are run; the rest is branch and bound, in search.py.
4. margin = (distance of the worst reading from its limit) - tolerance - slack > 0, for every gate and side.
5. `rounding`, the most that the network can be off where it is run in f32, in whatever order it takes its sums:
   E = 1.001 γ (|r| + Σ |R| H_l) + K 2^-126 (1 + Σ |R| A_l), γ = K u / (1 - K u), u = 2^-24, K = features on +
   coordinates of Φ + Σ_{k <= l} (n_k + 4), H_0 = |b_0| + the most that |W_0| adds, H_l = |b_l| + |W_l| H_{l-1},
   A_0 = 1, A_l = 1 + |W_l| A_{l-1} (Higham 2002, sections 3.1 and 3.4). Where margin > E the statement holds in f32 as
   well. Else it holds in real arithmetic, and that f32 was run on the inputs in question is not checked here.

f64 rounds as well: `slack` is 1e-9 (|r| + Σ |R| H_l), a thousand times as much as sums of 10^4 terms can be off.
Not checked: that gates and support are what the circuit's text (`sources.0` in the file) means. Read both.
"""

import hashlib
import itertools
import json
import math
import sys
from collections import namedtuple

import numpy as np
from search import Search

FEW = 1 << 17  # so many inputs are all run
MOST = 1 << 24  # more never are
MOST_WAYS = 1 << 16  # in which the features of a gate can be on
BLOCK = 1 << 11  # inputs that are run together
LARGEST = float(np.finfo(np.float32).max) / 4  # sums beyond may overflow in f32
TYPES = {"F32": "<f4", "F16": "<f2", "BF16": "<u2", "F64": "<f8", "I32": "<i4", "U32": "<u4", "I64": "<i8", "U8": "u1"}
# Worst readings by name: the side, and the sign with which a worse reading is larger.
WORST = {"highest_off": (False, 1), "lowest_off": (False, -1), "lowest_on": (True, -1), "highest_on": (True, 1)}

Layer = namedtuple("Layer", "W b R r threshold names")


class Refused(Exception):
    pass


def require(is_so, message):
    if not is_so:
        raise Refused(message)


class Network:
    """What is in the file, in f64."""

    def __init__(self, data):
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        meta = json.loads(header.pop("__metadata__")["superpose"])
        tensors = {}
        for name, entry in header.items():
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            values = np.frombuffer(data[start:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
            tensors[name] = (values.astype("<u4") << 16).view("<f4") if entry["dtype"] == "BF16" else values
        if "in_tensor" in meta:
            meta = json.loads(tensors[meta["in_tensor"]].tobytes())

        def numbers(name):
            values = tensors[name].astype(np.float32).astype(np.float64)
            require(np.all(np.isfinite(values)), f"{name}: not all of it are numbers")
            return values

        def matrix(name, n_columns):
            if name in tensors:
                return numbers(name)
            indptr, indices = tensors[f"{name}.indptr"], tensors[f"{name}.indices"]
            dense = np.zeros((len(indptr) - 1, n_columns))
            dense[np.repeat(np.arange(len(indptr) - 1), np.diff(indptr)), indices] = numbers(f"{name}.values")
            return dense

        self.n_features, self.layers = len(meta["features"]), []
        for l, layer in enumerate(meta["layers"]):
            W, b, r, threshold = (
                numbers(f"layers.{l}.{part}") for part in ("weight", "bias", "readoff_bias", "threshold")
            )
            R, names = matrix(f"layers.{l}.readoff", len(b)), layer["signals"][: layer["n_gates"]]
            require((len(W), *R.shape, len(threshold)) == (len(b), len(r), len(b), len(r)), f"layers.{l}: sizes differ")
            self.layers.append(Layer(W, b, R, r, threshold, names))
        phi = matrix("input.dictionary", self.n_features) if "dictionary" in meta else None
        self.coordinates = np.zeros(0) if phi is None else abs(phi).sum(axis=1)
        # (W_0 Φ)ᵀ and the same of magnitudes: [features, n_0].
        W = self.layers[0].W
        self.by_feature = (W if phi is None else W @ phi).T.copy()
        self.magnitudes = (abs(W) if phi is None else abs(W) @ abs(phi)).T.copy()

    def hidden(self, x):
        """h of every layer, each [inputs, n_l], of inputs [inputs, features]."""
        h = [np.maximum(x @ self.by_feature + self.layers[0].b, 0)]
        for layer in self.layers[1:]:
            h.append(np.maximum(h[-1] @ layer.W.T + layer.b, 0))
        return h

    def read(self, gate, h):
        """The reading of a gate, by h of every layer of one input."""
        layer = self.layers[gate["layer"]]
        return layer.R[gate["row"]] @ h[gate["layer"]] + layer.r[gate["row"]]


class Support:
    """All inputs. Features in `always` are on; of each of `groups` at least `least` of its `features` are, and at most
    `most` of these and of its `rows`, each a row of features any of which are on, show up; all else is off. Or else the
    inputs are `rows`. With `planted`, only those on which all operands of some gate of the first layer are as it has
    them. Of each pair in `implied` the second feature is on wherever the first is."""

    def __init__(self, stated, gates, n_features):
        self.always, self.groups, self.is_planted = stated["always"], stated["groups"], stated["planted"]
        self.implied = [tuple(pair) for pair in stated.get("implied", [])]
        self.rows = None if stated["rows"] is None else {tuple(row) for row in stated["rows"]}
        # Gates of the first layer, by a feature that they need on.
        self.planted = {}
        for operands in (gate["operands"] for gate in gates if gate["layer"] == 0):
            on, off = ({signal for signal, value in operands if value == side} for side in (True, False))
            self.planted.setdefault(min(on, default=None), []).append((on, off))
        self.members = [[[f] for f in group["features"]] + group["rows"] for group in self.groups]
        # By feature, its group and member.
        self.places = {f: (g, m) for g, members in enumerate(self.members) for m, on in enumerate(members) for f in on}
        known = self.always + [feature for members in self.members for on in members for feature in on]
        require(stated["features"] == n_features, f"support.features: the network has {n_features}")
        require(self.rows is None or not known, "support.rows: beside features of their own")
        require(len(set(known)) == len(known), "support: a feature stands there twice")
        known += [feature for row in self.rows or () for feature in row]
        require(set(known) <= set(range(n_features)), "support: a feature that the network does not have")
        require(all(row == tuple(sorted(set(row))) for row in self.rows or ()), "support.rows: one that does not rise")

    def has(self, on):
        """Whether a set of features is an input."""
        if self.rows is not None:
            return tuple(sorted(on)) in self.rows and self.has_planted(on)
        shown = {self.places.get(feature) for feature in on.difference(self.always)}
        if None in shown or not on.issuperset(self.always):
            return False
        for g, group in enumerate(self.groups):
            here = [member for of, member in shown if of == g]
            n_single = sum(member < len(group["features"]) for member in here)
            if n_single < group["least"] or len(here) > group["most"]:
                return False
        return self.has_implied(on) and self.has_planted(on)

    def has_implied(self, on):
        return all(first not in on or second in on for first, second in self.implied)

    def has_planted(self, on):
        of = itertools.chain.from_iterable(self.planted.get(feature, ()) for feature in [None, *on])
        return not self.is_planted or any(ons <= on and on.isdisjoint(offs) for ons, offs in of)

    def count(self):
        """Distinct inputs, `planted` and `implied` left aside."""
        product = 1 if self.rows is None else len(self.rows)
        for group in self.groups:
            ways = [1]  # in which so many rows show up
            for row in group["rows"]:
                more = [(2 ** len(row) - 1) * n for n in ways]
                ways = [a + b for a, b in zip(ways + [0], [0] + more)]
            n, most = len(group["features"]), group["most"]
            counts = range(group["least"], min(n, most) + 1)
            product *= sum(math.comb(n, k) * sum(ways[: most - k + 1]) for k in counts)
        return product

    def options(self, g):
        """Of each member of a group whether it is a single feature, and the ways in which it can show up."""
        patterns = lambda on: [part for k in range(1, len(on) + 1) for part in itertools.combinations(on, k)]
        return [(m < len(self.groups[g]["features"]), patterns(on)) for m, on in enumerate(self.members[g])]

    def inputs(self):
        """Every input, as a tuple of features."""
        return (on for on in self.implied_inputs() if not self.is_planted or self.has_planted(set(on)))

    def implied_inputs(self):
        """The same, `planted` left aside."""

        def from_group(g, on):
            if g == len(self.groups):
                yield on
                return
            for k in range(self.groups[g]["most"] + 1):
                for members in itertools.combinations(self.options(g), k):
                    if sum(is_single for is_single, _ in members) >= self.groups[g]["least"]:
                        for parts in itertools.product(*(ways for _, ways in members)):
                            yield from from_group(g + 1, sum(parts, on))

        every = from_group(0, tuple(self.always)) if self.rows is None else iter(sorted(self.rows))
        return (on for on in every if not self.implied or self.has_implied(set(on)))


def rows_of(inputs, n_features):
    """Inputs, each the features that are on, as 0 and 1: [inputs, features]."""
    x = np.zeros((len(inputs), n_features))
    x[np.repeat(np.arange(len(inputs)), [len(on) for on in inputs]), [feature for on in inputs for feature in on]] = 1
    return x


def value(gate, operands):
    """The stored value of a gate, by the truth of its operands, each one value or an array."""
    kind, k, n = gate["kind"], gate["count"], len(operands)
    count = sum(np.asarray(operand, int) for operand in operands)
    written = {
        "and": lambda: count == n, "copy": lambda: count == n, "nand": lambda: count != n, "or": lambda: count > 0,
        "nor": lambda: count == 0, "xor": lambda: count % 2 == 1, "xnor": lambda: count % 2 == 0,
        "at_least": lambda: count >= k, "at_most": lambda: count <= k, "exactly": lambda: count == k,
        "majority": lambda: 2 * count > n, "mux": lambda: np.where(*operands),
    }[kind]()  # fmt: skip
    return written != gate["complemented"]


def truths(gates, x):
    """Stored values of all signals, features first: [features + gates, inputs]."""
    truth = np.vstack([x.T > 0, np.zeros((len(gates), len(x)), bool)])
    for i, gate in enumerate(gates, x.shape[1]):
        truth[i] = value(gate, [truth[signal] == on for signal, on in gate["operands"]])
    return truth


def roundings(network, support):
    """Of each layer H, A and K of the bound on what f32 can be off; K is None where it might overflow."""
    added, k = network.magnitudes[support.always].sum(axis=0), len(support.always) + len(network.coordinates)
    if support.rows is not None:
        added = np.max([network.magnitudes[list(row)].sum(axis=0) for row in support.rows], axis=0)
        k += max(map(len, support.rows))
    for group, members in zip(support.groups, support.members):
        most = min(group["most"], len(members))
        sums = np.array([network.magnitudes[on].sum(axis=0) for on in members]).reshape(-1, len(added))
        added = added + np.sort(sums, axis=0)[len(members) - most :].sum(axis=0)
        k += most * max(map(len, members), default=0)
    bounds, is_bounded = [], not np.any(network.coordinates > LARGEST)
    for l, layer in enumerate(network.layers):
        H = abs(layer.b) + (abs(layer.W) @ bounds[-1][0] if l else added)
        A = 1 + (abs(layer.W) @ bounds[-1][1] if l else np.zeros(len(H)))
        k += len(H) + 4
        is_bounded = is_bounded and bool(np.all(H <= LARGEST)) and k <= 1 << 22
        bounds.append((H, A, k if is_bounded else None))
    return bounds


def of_the_file(network, gates):
    """Holds gates against the read-offs of the file, row by row."""
    theirs = [(l, row, name) for l, layer in enumerate(network.layers) for row, name in enumerate(layer.names)]
    require(len(gates) == len(theirs), f"gates: {len(gates)} of them, and the network reads off {len(theirs)}")
    starts = np.cumsum([0, *(len(layer.names) for layer in network.layers)])
    for signal, (gate, (l, row, name)) in enumerate(zip(gates, theirs), network.n_features):
        stated = (gate["layer"], ("!" if gate["complemented"] else "") + gate["name"])
        require(stated == (l, name), f"{gate['name']}: the network has {name} of layer {l} here")
        require(gate["threshold"] == network.layers[l].threshold[row], f"{name}: threshold: not that of the file")
        below = range(network.n_features + starts[l])
        is_below = all(s in below and isinstance(on, bool) for s, on in gate["operands"])
        require(is_below, f"{name}: operands: a signal of no layer below")
        gate.update(row=row, signal=signal)


def worst_readings(network, support, gates, proved, kinds, epsilon):
    """Holds worst readings against the network. Of each gate the least distance from a limit."""
    for gate in proved:
        require(set(gate["worst"]) == set(kinds), f"{gate['name']}: worst: it takes {', '.join(kinds)}")
    stated = [(gate, kind, gate["worst"][kind]) for gate in proved for kind in kinds if gate["worst"][kind] is not None]
    distances = {gate["signal"]: np.inf for gate in proved}
    for block in (stated[start : start + BLOCK] for start in range(0, len(stated), BLOCK)):
        for gate, kind, worst in block:
            is_input = worst["on"] == sorted(set(worst["on"])) and support.has(set(worst["on"]))
            require(is_input, f"{gate['name']}: {kind}.on: no input of the support")
        x = rows_of([worst["on"] for *_, worst in block], network.n_features)
        truth, hidden = truths(gates, x), network.hidden(x)
        for at, (gate, kind, worst) in enumerate(block):
            (side, sign), reading = WORST[kind], network.read(gate, [h[at] for h in hidden])
            is_so = truth[gate["signal"], at] == side
            require(is_so, f"{gate['name']}: {kind}.on: the gate is {'off' if side else 'on'} there")
            is_same = abs(reading - worst["reading"]) <= 1e-9 * (1 + abs(reading))
            require(is_same, f"{gate['name']}: {kind}.reading: the network reads {float(reading)!r} there")
            limit = gate["threshold"] if epsilon is None else side + sign * epsilon
            distances[gate["signal"]] = min(distances[gate["signal"]], sign * (limit - worst["reading"]))
    return distances


def margins_of(network, support, proved, distances, tolerance):
    """Of each gate its margin, and the most that f32 can be off; None where that has no bound."""
    margins, bounds = [], roundings(network, support)
    for gate in proved:
        layer, (H, A, k), name = network.layers[gate["layer"]], bounds[gate["layer"]], gate["name"]
        R, r, error, stated = abs(layer.R[gate["row"]]), abs(layer.r[gate["row"]]), None, gate["rounding"]
        reach = r + R @ H
        if k is not None and reach <= LARGEST:
            error = 1.001 * (k * 2**-24 / (1 - k * 2**-24)) * reach + k * 2**-126 * (1 + R @ A)
        is_same = stated is error if None in (stated, error) else abs(stated - error) <= 1e-9 * error
        require(is_same, f"{name}: rounding: it is {error}")
        margin = distances[gate["signal"]] - tolerance - 1e-9 * reach
        require(margin < np.inf, f"{name}: worst: it is neither off nor on")
        require(margin > 0, f"{name}: worst: no farther from its limit than `tolerance`, by {-margin:.3g}")
        margins.append((margin, error))
    return margins


def cut(gate, kind, tolerance):
    """What no input may read above, with the sign of the kind."""
    worst = gate["worst"][kind]
    return -np.inf if worst is None else WORST[kind][1] * worst["reading"] + tolerance


def refuse(network, gate, kind, on):
    reading = network.read(gate, [h[0] for h in network.hidden(rows_of([on], network.n_features))])
    raise Refused(f"{gate['name']}: {kind}: {reading:.9g} is worse, with {sorted(map(int, on))} on")


def run_all(network, support, gates, run, kinds, tolerance):
    """No input reads worse: every input is run for these gates."""
    by_layer = []
    for l, layer in enumerate(network.layers):
        here = [gate for gate in run if gate["layer"] == l]
        rows, signals = ([gate[of] for gate in here] for of in ("row", "signal"))
        cuts = [(kind, *WORST[kind], np.array([[cut(gate, kind, tolerance)] for gate in here])) for kind in kinds]
        by_layer += [(l, here, layer.R[rows], layer.r[rows, None], signals, cuts)] if here else []
    inputs = support.inputs()
    while block := list(itertools.islice(inputs, BLOCK)):
        x = rows_of(block, network.n_features)
        truth, hidden = truths(gates, x), network.hidden(x)
        for l, here, R, r, signals, cuts in by_layer:
            readings, is_on = R @ hidden[l].T + r, truth[signals]
            for kind, side, sign, most in cuts:
                worse = np.argwhere((is_on == side) & (sign * readings > most))
                for k, at in worse[:1]:
                    refuse(network, here[k], kind, block[at])


def search_all(network, support, searched, kinds, tolerance):
    """No input reads worse: each of these gates of the first layer is searched."""
    search, (_, _, R, r, _, _) = Search(network, support), network.layers[0]
    for n_done, gate in enumerate(searched, 1):
        row, own = gate["row"], {signal for signal, _ in gate["operands"]}
        ways = list(itertools.islice(search.ways(own), MOST_WAYS))
        require(len(ways) < MOST_WAYS, f"{gate['name']}: operands: on in too many ways to be told apart")
        is_on = [bool(value(gate, [(signal in on) == so for signal, so in gate["operands"]])) for on, _, _ in ways]
        for kind in kinds:
            side, sign = WORST[kind]
            of_side = [way for way, is_on_there in zip(ways, is_on) if is_on_there == side]
            on = search.above(of_side, sign * R[row], sign * r[row], cut(gate, kind, tolerance))
            if on is not None:
                refuse(network, gate, kind, on)
        if sys.stderr.isatty():
            print(f"\r{n_done} of {len(searched)} gates searched ", end="", file=sys.stderr, flush=True)


def check(network_bytes, certificate):
    """The report; raises Refused."""
    require(certificate["format"] == 1, "format: this program knows 1")
    sha256 = hashlib.sha256(network_bytes).hexdigest()
    require(certificate["network"]["sha256"] == sha256, f"network.sha256: that of the file is {sha256}")
    network, gates, statement = Network(network_bytes), certificate["gates"], certificate["statement"]
    epsilon, tolerance, most = statement["epsilon"], certificate["tolerance"], statement["support"]
    of_the_file(network, gates)
    support = Support(certificate["support"], gates, network.n_features)
    n_inputs, features = support.count(), [*range(network.n_features)]
    if not support.implied:
        require(float(min(n_inputs, 2**128 - 1)) == certificate["inputs"], f"inputs: there are {n_inputs}")
    elif n_inputs <= FEW:
        n_inputs = sum(1 for _ in support.implied_inputs())
        require(n_inputs == certificate["inputs"], f"inputs: there are {n_inputs}")
    is_any = support.groups == [{"features": features, "rows": [], "least": 0, "most": min(most or 0, len(features))}]
    is_any = is_any and not (support.always or support.is_planted or support.rows or support.implied)
    require(most is None or is_any, "statement.support: not what `support` lists")
    require(0 <= tolerance < np.inf, "tolerance: it is a number from 0 on")
    proved = [gate for gate in gates if gate["worst"] is not None]
    require(len(proved) == statement["gates"], f"statement.gates: {len(proved)} have worst readings")
    kinds = [kind for kind in WORST if epsilon is not None or kind in ("highest_off", "lowest_on")]
    distances = worst_readings(network, support, gates, proved, kinds, epsilon)
    margins = margins_of(network, support, proved, distances, tolerance)
    is_few = n_inputs <= FEW or support.rows is not None
    run = [gate for gate in proved if is_few or gate["layer"] > 0]
    require(not run or is_few or n_inputs <= MOST, "gates: too many inputs to run them for layers above the first")
    if run:
        run_all(network, support, gates, run, kinds, tolerance)
    if len(run) < len(proved):
        search_all(network, support, [gate for gate in proved if not (is_few or gate["layer"] > 0)], kinds, tolerance)
    n_in_f32 = sum(error is not None and margin > error for margin, error in margins)
    what = "on the right side of their thresholds" if epsilon is None else f"strictly within {epsilon} of the truth"
    return f"""{certificate["circuit"]}: CHECKED: {len(proved)} of {len(gates)} gates are read {what}, on every input
  network       {sha256}
  inputs        {"at most " if support.is_planted or support.implied and n_inputs > FEW else ""}{n_inputs}
  gates         {len(run)} by running all inputs, {len(proved) - len(run)} by branch and bound
  in f32        {n_in_f32} proved, in any order of sums; {len(proved) - n_in_f32} proved in real arithmetic only
  margin        {min((margin for margin, _ in margins), default=np.inf):.6f} at least"""


def main():
    if len(sys.argv) != 3:
        sys.exit("what to type: python check.py NETWORK.safetensors CERTIFICATE.json")
    with open(sys.argv[1], "rb") as network, open(sys.argv[2], "rb") as certificate:
        network, certificate = network.read(), certificate.read()
    try:
        print(check(network, json.loads(certificate)))
    except Refused as refused:
        sys.exit(f"REFUSED: {refused}")
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        sys.exit(f"REFUSED: no certificate, or no network, of format 1: {error!r}")


if __name__ == "__main__":
    main()
