"""Golden epochs (schemas chain-epoch/1 and derived-epoch/1): a subnet is led through its steps and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ext.chain_state import EpochRule, SubnetSnapshot
from ext.exact import exact_epoch
from ext.fixed_vectors import Rows
from ext.masks import NEVER
from model.fidelity.epoch_expectations import COMPONENTS, Asked
from model.fidelity.files import Document
from model.fidelity.float_epoch import float_epoch
from model.fidelity.outcome import Outcome
from model.fidelity.report import NotCovered, Verdict

__all__ = ["COMPONENTS", "judge"]

FIXED_POINT_ONLY = "fixed_point_only"  # feature of files that no float64 engine can meet
MAX_UIDS = 4_096


def judge(document: Document, file: str, exact: bool) -> Iterator[Verdict | NotCovered]:
    """Yield a verdict for each step of a file, and what of its expectations cannot be judged."""
    if not exact and FIXED_POINT_ONLY in document.get("features", []):
        reason = "float64 cannot follow stakes this far apart; the exact mode can"
        yield NotCovered(file=file, vector=str(document["id"]), reason=reason)
        return
    subnet = _Subnet(n_uids=int(document["n"]), params=dict(document["params"]))
    engine: Callable[[SubnetSnapshot, EpochRule], Outcome] = _exact if exact else float_epoch
    before: dict[str, Any] = {}
    for place, step in enumerate(document["steps"]):
        snapshot, rule = subnet.enter(step)
        outcome = engine(snapshot, rule)
        values = outcome.values(snapshot)
        asked = Asked(
            file=file, vector=f"{document['id']}, step {place}", emission_rao=snapshot.emission_rao, exact=exact
        )
        yield from asked.expected(step.get("expect", []), values, before)
        yield from asked.whole(step.get("expect_full", {}), values)
        yield from asked.traced(step.get("trace", {}), outcome, values)
        if step.get("expect"):
            before = values
        subnet.bond_u16, subnet.permit = outcome.bond_u16, outcome.permit


def _exact(snapshot: SubnetSnapshot, rule: EpochRule) -> Outcome:
    return Outcome.of_exact(exact_epoch(snapshot, rule))


@dataclass(slots=True, kw_only=True)
class _Subnet:
    """The state that a file carries from step to step: parameters, stored bonds, permits."""

    n_uids: int
    params: dict[str, Any]
    bond_u16: Rows = field(init=False)
    permit: list[bool] = field(init=False)

    def __post_init__(self) -> None:
        if not 1 <= self.n_uids <= MAX_UIDS:
            raise ValueError(f"n must lie in 1..{MAX_UIDS}, is {self.n_uids}")
        self.bond_u16 = [[] for _ in range(self.n_uids)]
        self.permit = [False] * self.n_uids

    def enter(self, step: dict[str, Any]) -> tuple[SubnetSnapshot, EpochRule]:
        """Return what the epoch of this step reads, after the step's changes to the stored state."""
        self.params.update(step.get("params", {}))
        if "bonds_in" in step:
            self.bond_u16 = _from_triplets(step["bonds_in"], self.n_uids)
        if "permits_in" in step:
            self.permit = [bool(value) for value in step["permits_in"]]
        self._change(step.get("before", {}))
        params = self.params
        snapshot = SubnetSnapshot(
            block=step["block"],
            emission_rao=step["emission"],
            stake_rao=step["stake"],
            last_update_block=step["last_update"],
            registered_block=step["block_at_registration"],
            weight_u16=_weights(step["weights"], self.n_uids),
            bond_u16=self.bond_u16,
            permit=self.permit,
            commit_block=step.get("commit_block", [NEVER] * self.n_uids),
            owner_uid=params["owner_uid"],
            last_step_block=params["last_mechanism_step_block"],
        )
        return snapshot, _rule(params)

    def _change(self, change: dict[str, Any]) -> None:
        unknown = set(change) - {"clear_bond_rows", "clear_bond_cols", "drop_permits", "set_permits"}
        if unknown:
            raise ValueError(f"`before` holds {', '.join(sorted(unknown))}, which is not in the schema")
        for uid in change.get("clear_bond_rows", []):
            self.bond_u16[uid] = []
        cleared = set(change.get("clear_bond_cols", []))
        self.bond_u16 = [[pair for pair in row if pair[0] not in cleared] for row in self.bond_u16]
        if "set_permits" in change:
            self.permit = [bool(value) for value in change["set_permits"]]
        for uid in change.get("drop_permits", []):
            self.permit[uid] = False


def _rule(params: dict[str, Any]) -> EpochRule:
    return EpochRule(
        kappa_u16=params["kappa_u16"],
        bonds_penalty_u16=params["bonds_penalty_u16"],
        bonds_moving_average_ppm=params["bonds_moving_average"],
        liquid_alpha=params["liquid_alpha"],
        alpha_low_u16=params["alpha_low_u16"],
        alpha_high_u16=params["alpha_high_u16"],
        alpha_sigmoid_steepness_hundredths=params["alpha_sigmoid_steepness"],
        yuma3=params["yuma3"],
        max_allowed_validators=params["max_allowed_validators"],
        stake_threshold_rao=params["stake_threshold"],
        tempo_blocks=params["tempo"],
        activity_cutoff_factor_milli=params["activity_cutoff_factor_milli"],
        commit_reveal=params["commit_reveal"],
    )


def _weights(stored: dict[str, Any], n_uids: int) -> Rows:
    """Return the stored rows; large files share a row among several uids and list those who weight themselves."""
    rows: Rows = [[] for _ in range(n_uids)]
    shared = stored.get("rows", {}) if stored.keys() & {"rows", "self"} else stored
    for uids, row in shared.items():
        pairs = sorted((int(target), int(value)) for target, value in row)
        for uid in uids.split(","):
            rows[int(uid)] = pairs
    for uid in stored.get("self", []):
        rows[uid] = [(uid, 65_535)]
    return rows


def _from_triplets(triplets: list[list[int]], n_uids: int) -> Rows:
    rows: Rows = [[] for _ in range(n_uids)]
    for row, column, value in sorted(triplets):
        rows[row].append((column, value))
    return rows
