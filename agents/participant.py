"""The Mesa agents: who somebody is. What somebody has lies in the economy's arrays."""

import itertools
from collections.abc import Iterator
from weakref import WeakKeyDictionary

import mesa


class _Numbers(WeakKeyDictionary[mesa.Model, Iterator[int]]):
    """Agents' next number in each economy. Mesa's own table would keep every economy that ever was."""

    def __getitem__(self, model: mesa.Model) -> Iterator[int]:
        return self.setdefault(model, itertools.count(1))


class Participant(mesa.Agent):
    """An owner of hotkeys: a miner, validator, nominator or subnet owner.

    Attributes
    ----------
    role : "miner", "validator", "nominator" or "owner"
    strategy : name of the strategy it plays
    number : its index among all participants of the economy
    cartel : whether it belongs to the cartel
    """

    _ids = _Numbers()

    def __init__(self, model: mesa.Model, role: str, strategy: str, number: int, cartel: bool) -> None:
        super().__init__(model)
        self.role = role
        self.strategy = strategy
        self.number = number
        self.cartel = cartel

    @property
    def purse_tao(self) -> float:
        """Money in hand."""
        return float(self.model.state.purse_rao[self.number]) / 1e9

    @property
    def wealth_tao(self) -> float:
        """Money in hand and stakes at the price of the last epoch."""
        return float(self.model.wealth_tao[self.number])
