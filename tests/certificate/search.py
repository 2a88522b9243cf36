"""Branch and bound over the inputs of the first layer, in f64: what `check.py` searches too many inputs with."""

import itertools

import numpy as np


class Search:
    """Whether a reading of the first layer is above a cut on some input.

    A node has some features on, z = b + Σ W of these, and of each group some options left for some slots; S slots in
    all. Be c = z + the mean μ of each slot, d_j what slot j differs from that by. A neuron that cannot bend adds
    R (c + Σ d_j), or nothing; any other at most

        R > 0:  R relu(c + Σ d_j) <= Σ_j R relu(c + S d_j) / S                    (Jensen)
        R < 0:  R relu(c + Σ d_j) <= R σ (c + Σ d_j),  σ = 1 if c > 0, else 0

    All of these are sums over slots, at their best with the best options; with one slot left they are the reading.
    Branches go by falling options, each with those behind it alone, so that every set of options comes once.
    """

    def __init__(self, network, support):
        self.support = support
        self.b = network.layers[0].b + network.by_feature[support.always].sum(axis=0)
        self.groups, self.options_of = [], {}
        for g, group in enumerate(support.groups):
            options = [(m, single, on) for m, (single, ways) in enumerate(support.options(g)) for on in ways]
            for o, (_, _, on) in enumerate(options):
                for feature in on:
                    self.options_of.setdefault(feature, []).append((g, o))
            V = np.array([network.by_feature[list(on)].sum(axis=0) for *_, on in options]).reshape(-1, len(self.b))
            member, single = (np.array([option[k] for option in options], int) for k in (0, 1))
            # What so many slots add to a neuron at least and at most; one that may be empty may add nothing.
            is_full = group["least"] == group["most"]
            rising = [np.sort(V if is_full else clip(V, 0), axis=0) for clip in (np.minimum, np.maximum)]
            sums = [np.cumsum(of[: group["most"]], axis=0) for of in (rising[0], rising[1][::-1])]
            least, most = (np.vstack([np.zeros(len(self.b)), of]) for of in sums)
            # Any μ will do.
            mean = V.sum(axis=0) / max(len(V), 1) * (group["least"] + group["most"]) / (2 * max(group["most"], 1))
            self.groups.append((V, mean, least, most, member, single, [on for *_, on in options]))

    def ways(self, own):
        """Each way in which these features can be on: (features on, z, parts); a part is (group, options left, how many
        single features must be on at least, slots)."""

        def from_group(g, on, z, parts):
            if g == len(self.groups):
                yield on, z, parts
                return
            V, _, _, _, member, single, features = self.groups[g]
            least, most = self.support.groups[g]["least"], self.support.groups[g]["most"]
            touching = sorted({o for feature in own for of, o in self.options_of.get(feature, ()) if of == g})
            for k in range(min(most, len(touching)) + 1):
                for chosen in map(list, itertools.combinations(touching, k)):
                    if len(set(member[chosen])) == k:
                        is_left = ~np.isin(member, member[chosen])
                        is_left[touching] = False
                        part = (g, np.flatnonzero(is_left), max(least - single[chosen].sum(), 0), most - k)
                        now_on, now = on.union(*(features[o] for o in chosen)), z + V[chosen].sum(axis=0)
                        yield from from_group(g + 1, now_on, now, [*parts, part])

        return from_group(0, frozenset(self.support.always), self.b, [])

    def above(self, ways, read, bias, cut):
        """An input in one of these ways on which Σ read relu(z) + bias > cut; None where there is none."""
        self.read, self.bias, self.cut = read, bias, cut
        return next((on for on in itertools.starmap(self.below, ways) if on is not None), None)

    def below(self, on, z, parts):
        """The same below a node."""
        if any(len(options) < need for _, options, need, _ in parts):
            return None
        parts = [(g, o, need, min(slots, len(o))) for g, o, need, slots in parts if slots and len(o)]
        if not parts:
            is_above = self.bias + self.read @ np.maximum(z, 0) > self.cut
            return on if is_above and self.support.has(on) else None
        bound, ranked = self.bound(z, parts)
        bests = [best(gains, need, slots) for _, gains, _, need, slots in ranked]
        bound += sum(bests)
        if bound <= self.cut:
            return None
        at = int(np.argmax(bests))
        (g, gains, options, need, slots), rest = ranked[at], bound - bests[at]
        V, _, _, _, member, single, features = self.groups[g]
        for i, option in enumerate(options):
            upper = rest + gains[i] + best(gains[i + 1 :], need - 1, slots - 1)
            if upper <= self.cut:
                break
            parts = [
                (h, theirs[upper - bests[k] + best(a, n - 1, s - 1) + a > self.cut], n, s)
                for k, (h, a, theirs, n, s) in enumerate(ranked) if k != at
            ]  # fmt: skip
            beside = rest + gains[i] + best(gains[i + 1 :], need - 2, slots - 2)
            behind = options[i + 1 :]
            behind = behind[(beside + gains[i + 1 :] > self.cut) & (member[behind] != member[option])]
            still = need - single[option] if need else 0
            if still <= slots - 1:
                parts.append((g, behind, still, slots - 1))
                found = self.below(on.union(features[option]), z + V[option], parts)
                if found is not None:
                    return found
        if need == 0 and rest > self.cut:
            return self.below(on, z, [(h, o, n, s) for k, (h, _, o, n, s) in enumerate(ranked) if k != at])
        return None

    def bound(self, z, parts):
        """The bound with all slots empty, and of each part what its options gain: (group, gains, options, need, slots),
        by falling gain."""
        S, low, high, centre = sum(slots for *_, slots in parts), z, z, z
        for g, _, _, slots in parts:
            _, mean, least, most, *_ = self.groups[g]
            low, high, centre = low + least[slots], high + most[slots], centre + slots * mean
        bends = (low < 0) & (high > 0)
        is_jensen = bends & ((self.read > 0) | (S == 1))
        line = np.where(~is_jensen & ((low >= 0) | bends & (centre > 0)), self.read, 0)
        bent = np.flatnonzero(is_jensen)
        weight, total, ranked = self.read[bent] / S, self.bias + line @ z, []
        for g, options, need, slots in parts:
            V, mean = self.groups[g][0][options], self.groups[g][1]
            base = (centre - S * mean)[bent]
            empty = weight @ np.maximum(base, 0)
            gains = V @ line + np.maximum(base + S * V[:, bent], 0) @ weight - empty
            order = np.argsort(-gains, kind="stable")
            total += slots * empty
            ranked.append((g, gains[order], options[order], need, slots))
        return total, ranked


def best(gains, need, slots):
    """The most that so many slots gain, at least `need` of them filled; gains fall."""
    need, slots = max(need, 0), max(slots, 0)
    return gains[:need].sum() + np.maximum(gains[need:slots], 0).sum()
