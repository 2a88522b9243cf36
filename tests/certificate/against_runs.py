"""Holds the search of the checker against runs of every input, on random circuits, supports and layers.

    python against_runs.py SEED CIRCUITS
"""

import itertools
import random
import sys

import numpy as np
from check import Layer, Network, Support, rows_of, truths, value
from search import Search

KINDS = "and or xor nand nor xnor copy at_least at_most exactly majority mux".split()
N_GATES = 6


class RandomNetwork(Network):
    """One layer of random weights."""

    def __init__(self, numbers, n_features):
        n = int(numbers.integers(1, 12))
        W, b = numbers.normal(size=(n, n_features)), 0.5 * numbers.normal(size=n)
        R, r = numbers.normal(size=(N_GATES, n)), 0.1 * numbers.normal(size=N_GATES)
        if numbers.random() < 0.3:  # ties, and sums that are exactly 0
            W, b, R = W.round(), b.round(), R.round()
        self.layers, self.by_feature = [Layer(W, b, R, r, None, [])], W.T.copy()


def groups(rng, start):
    """Groups of features from `start` on, and where they end."""
    found = []
    for _ in range(rng.randint(1, 3)):
        singles = list(range(start, start := start + rng.randint(0, 5)))
        rows = [list(range(start, start := start + rng.randint(1, 3))) for _ in range(rng.choice([0, 0, 1, 2]))]
        most = rng.randint(0, len(singles) + len(rows))
        least = min(len(singles), rng.randint(0, most))
        found.append({"features": singles, "rows": rows, "least": rng.choice([least, 0]), "most": most})
    return found, start


def gate(rng, row, n_features):
    kind = rng.choice(KINDS)
    n = {"mux": 3, "copy": 1}.get(kind) or rng.randint(1, 4)
    operands = [[rng.randrange(n_features), rng.random() < 0.6] for _ in range(n)]
    of = {"kind": kind, "count": rng.randint(0, 3), "complemented": rng.random() < 0.5, "operands": operands}
    return of | {"name": f"g[{row}]", "layer": 0, "row": row, "signal": n_features + row}


def check_support(support, inputs, n_features):
    """Inputs are those that the support has, each once, and as many as it counts."""
    assert len(set(map(frozenset, inputs))) == len(inputs)
    assert support.is_planted or support.implied or len(inputs) == support.count()
    if n_features <= 12:
        sets = (set_ for k in range(n_features + 1) for set_ in itertools.combinations(range(n_features), k))
        assert {on for on in map(frozenset, sets) if support.has(on)} == set(map(frozenset, inputs))


def check_search(search, of, network, x, truth):
    """Just above the largest reading nothing is found; just below it, or below any other, an input is."""
    ways = list(search.ways({signal for signal, _ in of["operands"]}))
    is_on = [bool(value(of, [(signal in on) == so for signal, so in of["operands"]])) for on, _, _ in ways]
    layer, row = network.layers[0], of["row"]
    y = network.hidden(x)[0] @ layer.R[row] + layer.r[row]
    for side, sign in itertools.product((False, True), (1, -1)):
        of_side = [way for way, is_on_there in zip(ways, is_on) if is_on_there == side]
        above = lambda cut: search.above(of_side, sign * layer.R[row], sign * layer.r[row], cut)
        readings = np.sort(sign * y[truth[of["signal"]] == side])
        if len(readings) == 0:
            assert above(-np.inf) is None
            continue
        assert above(readings[-1] + 1e-9) is None
        for reading in (readings[-1], readings[len(readings) // 2]):
            on = above(reading - 1e-9)
            assert on is not None and search.support.has(on)


def main():
    rng, numbers = random.Random(int(sys.argv[1])), np.random.default_rng(int(sys.argv[1]))
    for _ in range(int(sys.argv[2])):
        always = rng.choice([[], [0]])
        of_groups, n_features = groups(rng, len(always))
        n_features += 1  # one in no group
        gates = [gate(rng, row, n_features) for row in range(N_GATES)]
        stated = {"features": n_features, "always": always, "groups": of_groups, "rows": None}
        if n_features > 1 and rng.random() < 0.4:
            stated["implied"] = [rng.choices(range(n_features - 1), k=2) for _ in range(rng.randint(1, 2))]
        network = RandomNetwork(numbers, n_features)
        support = Support(stated | {"planted": rng.random() < 0.4}, gates, n_features)
        inputs = list(support.inputs())
        check_support(support, inputs, n_features)
        if inputs:
            x, search = rows_of(inputs, n_features), Search(network, support)
            for of in gates:
                check_search(search, of, network, x, truths(gates, x))


if __name__ == "__main__":
    main()
