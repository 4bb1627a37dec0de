"""The owner that turns one number and watches what users get."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from agents.observation import Draws, FloatArray, OwnerAction, OwnerView
from agents.parameters import Bounds, Capability
from agents.strategies import OWNERS

LEAST_SHARE = 0.01  # of the tuned capability and of all others together: a score needs a trace of each


@OWNERS.register("tuner")
@dataclass(frozen=True, slots=True, kw_only=True)
class Tuner:
    """Climbs towards users' value with the weight that its rule gives one capability.

    Every period it compares what users got with what they got a period before, goes on in the same direction if it
    was no less, and turns round if it was. The other weights keep their proportions, and all of them their sum.

    It takes every change of users' value for an answer to its own. Against miners who settle within a period
    (`best_response`) it ends up to two steps from the best weight, however noisily validators measure. Where users'
    value changes by itself it goes where chance leads it: against `imitate`, whose errors do not end, with a best
    weight of 0.2 and a period of 3 epochs, its weight lay anywhere from 0.01 to 0.65 in three runs.

    Parameters
    ----------
    capability : str
        Whose weight it tunes; a scenario without it is left as it is.
    step_share : float
        Change of the weight's share per period, in (0, 0.5].
    period_epochs : int
        Epochs that miners get to answer, >= 1.

    Source: hill climbing as in Box 1957, "Evolutionary operation"; the weights of CLOSED_FORMS 1.11.
    """

    MEASURES: ClassVar[bool] = True

    capability: Capability = "speed"
    step_share: Annotated[float, Bounds(0, 0.5, above=True)] = 0.05
    period_epochs: Annotated[int, Bounds(1, 1_000_000)] = 10

    def govern(self, view: OwnerView, draws: Draws) -> OwnerAction:
        weight = view.public.reward_weight[view.row_subnet]
        if self.capability not in view.public.capability or weight.shape[1] == 1:
            return OwnerAction(reward_weight=weight, burn_share=view.burn_share, audit_rate=view.audit_rate)
        direction = view.memory.get("direction", np.ones(len(weight)))
        before = view.memory.get("users_value", np.zeros(len(weight)))
        if view.public.epoch > 0 and view.public.epoch % self.period_epochs == 0:
            direction = np.where(view.users_value >= before, direction, -direction)
            before = view.users_value
            weight = self._moved(weight, direction, view.public.capability.index(self.capability))
        memory = {"direction": direction, "users_value": np.array(before)}
        return OwnerAction(reward_weight=weight, burn_share=view.burn_share, audit_rate=view.audit_rate, memory=memory)

    def _moved(self, weight: FloatArray, direction: FloatArray, tuned: int) -> FloatArray:
        total = weight.sum(axis=1, keepdims=True)
        mine = np.arange(weight.shape[1]) == tuned
        others = np.where(mine, 0.0, weight)
        rest = others.sum(axis=1, keepdims=True)
        others = np.where(rest > 0, others / np.where(rest > 0, rest, 1.0), ~mine / (len(mine) - 1))
        share = weight[:, [tuned]] / total + self.step_share * direction[:, np.newaxis]
        share = np.clip(share, LEAST_SHARE, 1 - LEAST_SHARE)
        return total * np.where(mine, share, (1 - share) * others)
