"""Inputs for the peers, as `choose 4 of x; plant 1;` gives them. Imported by eval_torch.py and train_torch.py."""

from typing import Callable

import torch


def drawer(pairs: torch.Tensor, n_features: int, n_active: int) -> Callable[[int, torch.Generator], torch.Tensor]:
    """Draws the features that are on: those of a random gate, and others, all distinct. [inputs, active]"""

    def draw(n: int, generator: torch.Generator) -> torch.Tensor:
        active = torch.empty(n, n_active, dtype=torch.long)
        todo = torch.arange(n)
        while len(todo):
            planted = pairs[torch.randint(len(pairs), (len(todo),), generator=generator)]
            others = torch.randint(n_features, (len(todo), n_active - 2), generator=generator)
            active[todo] = torch.cat([planted, others], 1)
            ordered = active[todo].sort(1).values
            todo = todo[(ordered[:, 1:] == ordered[:, :-1]).any(1)]
        return active

    return draw
