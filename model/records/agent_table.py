"""Mesa's data collector, with what every agent earned and has."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any, Protocol

import mesa
import numpy as np
import pandas as pd

from model.units import FloatArray

MOST_AGENTS = 1_000  # 24 kB an epoch
COLUMNS = {"earned_tao": "reward", "stake_tao": "stake", "wealth_tao": "wealth"}


class AgentAmounts(Protocol):
    """Where the last epoch's amounts of each participant are, by name."""

    participant_tao: Mapping[str, FloatArray]


class Collector(mesa.DataCollector):
    """Collects the model's variables, and in worlds of up to `MOST_AGENTS` agents what each earned, staked and has.

    Agents' amounts are the arrays that the epoch made anyway; a table of them is made when it is asked for. They are
    not agent reporters to Mesa, so that a batch run has a row for each run and not one for each agent. A run that was
    read from a file has them from there on.
    """

    def __init__(self, model_reporters: Mapping[str, Any]) -> None:
        super().__init__(model_reporters=dict(model_reporters))
        self._step: list[int] = []
        self._amounts: list[Mapping[str, FloatArray]] = []
        self._agent_id: list[int] = []
        self._n_agents = 0

    def collect(self, model: Any) -> None:
        """Collect the epoch's model variables, and agents' amounts where there are not too many of them."""
        super().collect(model)
        amounts: AgentAmounts = model.records
        self._n_agents = len(amounts.participant_tao["wealth"])
        if self._n_agents > MOST_AGENTS:
            return
        if not self._agent_id:
            self._agent_id = model.agents.get("unique_id")
        self._step.append(model.steps)
        self._amounts.append(amounts.participant_tao)

    def cut(self, n_steps: int) -> None:
        """Take back what was collected after the first `n_steps` of the run, rows that were begun included."""
        for values in self.model_vars.values():
            del values[n_steps:]
        n_kept = bisect_right(self._step, n_steps)
        del self._step[n_kept:], self._amounts[n_kept:]

    def get_agent_vars_dataframe(self) -> pd.DataFrame:
        """What every agent earned in each step, and its stake and wealth after it, in TAO; by Step and AgentID.

        Raises
        ------
        ValueError
            If the world has more than `MOST_AGENTS` agents.
        """
        if self._n_agents > MOST_AGENTS:
            raise ValueError(
                f"agents' amounts are kept in worlds of <= {MOST_AGENTS} agents, there are {self._n_agents}; "
                "records.participant_tao has those of the last epoch"
            )
        index = pd.MultiIndex.from_product([self._step, self._agent_id], names=["Step", "AgentID"])
        amounts = {
            column: np.concatenate([np.empty(0), *(one[name] for one in self._amounts)])
            for column, name in COLUMNS.items()
        }
        return pd.DataFrame(amounts, index=index)
