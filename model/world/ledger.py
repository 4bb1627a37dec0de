"""The books: where every new token of an epoch went, and that nothing else appeared or vanished."""

from dataclasses import dataclass

import numpy as np

from model.units import SUPPLY_CAP_RAO, IntArray
from model.world.state import State


class ConservationError(RuntimeError):
    """Tokens appeared or vanished; the message names the token, the epoch and the amount in rao."""


@dataclass(slots=True)
class Ledger:
    """Flows of one epoch in rao: TAO as whole numbers, alpha as arrays (subnet,).

    halving_block counts from the start of the run; None if TAO emission did not halve in the epoch.
    minted == paid + burned + recycled + pooled holds for TAO and for each alpha, to the rao.
    returned is what left an account and issuance with it: paid for a uid, or a dissolved subnet's.
    founded is what was minted into the pool of a new subnet.
    opening is issuance before the epoch; it grows by minted + founded - recycled - returned.
    opening_burned is the account of burned TAO before the epoch.
    """

    opening_tao: int
    opening_burned_tao: int
    opening_alpha: IntArray
    minted_alpha: IntArray
    paid_alpha: IntArray
    burned_alpha: IntArray
    recycled_alpha: IntArray
    pooled_alpha: IntArray
    returned_alpha: IntArray
    founded_alpha: IntArray
    minted_tao: int = 0
    pooled_tao: int = 0
    recycled_tao: int = 0
    returned_tao: int = 0
    halving_block: int | None = None

    @classmethod
    def open(cls, state: State) -> "Ledger":
        """Books of the epoch that begins with `state`; nothing has flowed yet."""
        opening_alpha = state.alpha_issuance_rao
        return cls(
            opening_tao=state.issuance_rao,
            opening_burned_tao=state.burned_tao_rao,
            opening_alpha=opening_alpha.copy(),
            minted_alpha=np.zeros_like(opening_alpha),
            paid_alpha=np.zeros_like(opening_alpha),
            burned_alpha=np.zeros_like(opening_alpha),
            recycled_alpha=np.zeros_like(opening_alpha),
            pooled_alpha=np.zeros_like(opening_alpha),
            returned_alpha=np.zeros_like(opening_alpha),
            founded_alpha=np.zeros_like(opening_alpha),
        )

    def check(self, state: State, epoch: int) -> None:
        """Pass if the epoch's flows balance and every account adds up to issuance.

        Raises
        ------
        ConservationError
            If not, to the rao.
        """
        self._flows(epoch)
        held = state.tao_held_rao()
        if held != state.issuance_rao:
            raise ConservationError(f"epoch {epoch}: TAO accounts hold {held - state.issuance_rao:+d} rao too many")
        if state.issuance_rao > SUPPLY_CAP_RAO:
            raise ConservationError(f"epoch {epoch}: TAO issuance {state.issuance_rao} rao is above the cap")
        excess = state.alpha_held_rao() - state.alpha_issuance_rao
        if excess.any():
            subnet = int(np.flatnonzero(excess)[0])
            raise ConservationError(
                f"epoch {epoch}: alpha accounts of subnet {subnet} hold {excess[subnet]:+d} rao too many"
            )
        self._issuance(state, epoch)
        self._no_debt(state, epoch)

    def _flows(self, epoch: int) -> None:
        left_tao = self.minted_tao - self.pooled_tao - self.recycled_tao
        if left_tao:
            raise ConservationError(f"epoch {epoch}: {left_tao:+d} rao of minted TAO went nowhere")
        left = self.minted_alpha - self.paid_alpha - self.burned_alpha - self.recycled_alpha - self.pooled_alpha
        if left.any():
            subnet = int(np.flatnonzero(left)[0])
            raise ConservationError(f"epoch {epoch}: {left[subnet]:+d} rao of subnet {subnet}'s alpha went nowhere")

    def _issuance(self, state: State, epoch: int) -> None:
        grown_tao = self.minted_tao - self.recycled_tao - self.returned_tao
        if state.issuance_rao - self.opening_tao != grown_tao:
            excess_tao = state.issuance_rao - self.opening_tao - grown_tao
            raise ConservationError(f"epoch {epoch}: TAO issuance grew by {excess_tao:+d} rao that no flow explains")
        grown = self.minted_alpha + self.founded_alpha - self.recycled_alpha - self.returned_alpha
        excess = state.alpha_issuance_rao - self.opening_alpha - grown
        if excess.any():
            subnet = int(np.flatnonzero(excess)[0])
            raise ConservationError(
                f"epoch {epoch}: issuance of subnet {subnet}'s alpha grew by {excess[subnet]:+d} rao "
                "that no flow explains"
            )

    @staticmethod
    def _no_debt(state: State, epoch: int) -> None:
        for name in State.__slots__:
            is_flow = name in ("user_flow_rao", "protocol_flow_rao")
            if name.endswith("_rao") and not is_flow and np.min(getattr(state, name), initial=0) < 0:
                raise ConservationError(f"epoch {epoch}: account {name} is below zero")
