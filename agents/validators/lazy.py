"""The validator that measures now and then."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from agents.observation import Draws, ValidatorView, Vote
from agents.parameters import Bounds
from agents.strategies import VALIDATORS


@VALIDATORS.register("lazy")
@dataclass(frozen=True, slots=True, kw_only=True)
class Lazy:
    """Measures every n-th epoch and submits the same weights until then, whoever sits behind a uid by now.

    All lazy validators measure in the same epochs, the first of them included.

    Parameters
    ----------
    period_epochs : int
        Epochs from one measurement to the next, >= 1; 1 is the honest validator.

    Source: set-and-forget weights, Bittensor documentation on weight updates; late bonds of CLOSED_FORMS 2.5.
    """

    MEASURES: ClassVar[bool] = True
    AUDITS: ClassVar[bool] = False

    period_epochs: Annotated[int, Bounds(1, 1_000_000)] = 10

    def vote(self, view: ValidatorView, draws: Draws) -> Vote:
        due = not view.memory or view.public.epoch % self.period_epochs == 0
        weight = view.measured_weight if due else view.memory["weight"]
        return Vote(weight=weight, memory={"weight": np.array(weight) if due else weight})
