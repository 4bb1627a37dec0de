"""What an epoch stored and paid, in the names and encodings of the golden files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ext.chain_state import SubnetSnapshot
from ext.exact import ExactEpoch
from ext.fixed_point import I32F32
from ext.fixed_vectors import Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One epoch's results.

    Attributes
    ----------
    u16 : per name of the files, the stored shares of all uids
    rao : per name of the files, the emissions of all uids
    fraction : the same shares before they are cut to u16
    bond_u16 : rows of (uid, u16)
    bond : {(row, column): bond} as finely as the engine gives it
    permit, active : per uid
    """

    u16: dict[str, list[int]]
    rao: dict[str, list[int]]
    fraction: dict[str, list[float]]
    bond_u16: Rows
    bond: dict[tuple[int, int], float]
    permit: list[bool]
    active: list[bool]

    @classmethod
    def of_exact(cls, epoch: ExactEpoch) -> Outcome:
        """Return the outcome of a fixed-point epoch."""
        raw = {
            "consensus": "consensus",
            "validator_trust": "validator_trust",
            "incentive": "incentive",
            "dividends": "dividend",
            "stake": "stake_share",
            "normalised_emission": "emission_share",
        }
        return cls(
            u16={stored: epoch.u16(raw[name]) for name, stored in U16_NAME.items()},
            rao={
                "server_emission": epoch.server_emission_rao,
                "validator_emission": epoch.validator_emission_rao,
                "emission": epoch.emission_rao,
            },
            fraction={
                name: [I32F32.to_float(value) for value in getattr(epoch, source)] for name, source in raw.items()
            },
            bond_u16=epoch.bond_u16,
            bond={
                (row, column): I32F32.to_float(value) for row, pairs in enumerate(epoch.bond) for column, value in pairs
            },
            permit=epoch.permit,
            active=epoch.active,
        )

    def values(self, snapshot: SubnetSnapshot) -> dict[str, Any]:
        """Return everything under the names of the files; bonds as {(row, column): u16}.

        That an epoch leaves the stored weights alone is read off the snapshot it was given.
        """
        bonds = {(row, column): value for row, pairs in enumerate(self.bond_u16) for column, value in pairs}
        return {
            **self.u16,
            **self.rao,
            "bonds_u16": bonds,
            "validator_permit": _as_int(self.permit),
            "active": _as_int(self.active),
            "stored_weights_row_nonempty": _as_int([bool(row) for row in snapshot.weight_u16]),
        }


U16_NAME = {
    "consensus": "consensus_u16",
    "validator_trust": "validator_trust_u16",
    "incentive": "incentive_u16",
    "dividends": "dividends_u16",
    "stake": "stake_weight_u16",
}


def _as_int(flags: Sequence[bool]) -> list[int]:
    return [int(flag) for flag in flags]
