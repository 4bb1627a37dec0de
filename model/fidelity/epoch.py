"""Golden epochs (schemas chain-epoch/1 and derived-epoch/1): a subnet is led through its steps and compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ext.chain_state import EpochRule, SubnetSnapshot
from ext.exact import exact_epoch
from ext.fixed_vectors import Rows
from ext.masks import NEVER
from model.fidelity.entries import apart, flag, label_of, listed, whole_number, whole_numbers
from model.fidelity.epoch_expectations import COMPONENTS, Asked
from model.fidelity.expected import resolved
from model.fidelity.files import Document
from model.fidelity.float_epoch import float_epoch
from model.fidelity.outcome import Outcome
from model.fidelity.report import Finding, NotCovered

__all__ = ["COMPONENTS", "judge"]

FIXED_POINT_ONLY = "fixed_point_only"  # feature of files that no float64 engine can meet
MAX_UIDS = 4_096


def judge(document: Document, file: str, exact: bool) -> Iterator[Finding]:
    """Yield a verdict for each step of a file, and what of its expectations cannot be judged."""
    if not exact and FIXED_POINT_ONLY in document.get("features", []):
        reason = "float64 cannot follow stakes this far apart; the exact mode can"
        yield NotCovered(file=file, vector=label_of(document, 0), reason=reason)
        return
    subnet = _Subnet(n_uids=whole_number("n", document["n"]), params=dict(resolved(document["params"])))
    name = document.get("id", file)
    for place, step in enumerate(listed("steps", document["steps"])):
        label = f"{name}, step {place}"
        yield from apart(file, label, partial(_judge, step, subnet, label, file, exact))


def _judge(given: dict[str, Any], subnet: _Subnet, label: str, file: str, exact: bool) -> Iterator[Finding]:
    """Yield the verdicts on one step, which leaves its bonds and permits to the next one if it can be read."""
    step = resolved(given)
    snapshot, rule = subnet.enter(step)
    outcome = _exact(snapshot, rule) if exact else float_epoch(snapshot, rule)
    values = outcome.values(snapshot)
    before, subnet.before = subnet.before, values if step.get("expect") else subnet.before
    subnet.bond_u16, subnet.permit, subnet.known = outcome.bond_u16, outcome.permit, True
    asked = Asked(file=file, vector=label, emission_rao=snapshot.emission_rao, exact=exact)
    yield from asked.expected(step.get("expect", []), values, before)
    yield from asked.whole(step.get("expect_full", {}), values)
    yield from asked.traced(step.get("trace", {}), outcome, values)


def _exact(snapshot: SubnetSnapshot, rule: EpochRule) -> Outcome:
    return Outcome.of_exact(exact_epoch(snapshot, rule))


@dataclass(slots=True, kw_only=True)
class _Subnet:
    """The state that a file carries from step to step: parameters, stored bonds, permits.

    It is not `known` after a step that cannot be read, until one brings its own bonds and permits. `before` holds
    the values of the last step that expected anything.
    """

    n_uids: int
    params: dict[str, Any]
    bond_u16: Rows = field(init=False)
    permit: list[bool] = field(init=False)
    known: bool = True
    before: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 1 <= self.n_uids <= MAX_UIDS:
            raise ValueError(f"n must lie in 1..{MAX_UIDS}, is {self.n_uids}")
        self.bond_u16 = [[] for _ in range(self.n_uids)]
        self.permit = [False] * self.n_uids

    def enter(self, step: dict[str, Any]) -> tuple[SubnetSnapshot, EpochRule]:
        """Return what the epoch of this step reads, after the step's changes to the stored state."""
        known, self.known = self.known, False
        before, self.before = self.before, {}
        self.params.update(step.get("params", {}))
        if "bonds_in" in step:
            self.bond_u16 = _from_triplets(step["bonds_in"], self.n_uids)
        if "permits_in" in step:
            self.permit = self._permits("permits_in", step["permits_in"])
        if not known and not {"bonds_in", "permits_in"} <= step.keys():
            raise ValueError("starts from the bonds and permits of a step that cannot be read")
        self._change(step.get("before", {}))
        params = self.params
        owner = params["owner_uid"]
        snapshot = SubnetSnapshot(
            block=whole_number("block", step["block"]),
            emission_rao=whole_number("emission", step["emission"]),
            stake_rao=whole_numbers("stake", step["stake"]),
            last_update_block=self._last_updates(step["last_update"]),
            registered_block=whole_numbers("block_at_registration", step["block_at_registration"]),
            weight_u16=_weights(step["weights"], self.n_uids),
            bond_u16=self.bond_u16,
            permit=self.permit,
            commit_block=_commits(step.get("commit_block"), self.n_uids),
            owner_uid=None if owner is None else whole_number("owner_uid", owner),
            last_step_block=whole_number("last_mechanism_step_block", params["last_mechanism_step_block"]),
        )
        self.before = before
        return snapshot, _rule(params)

    def _last_updates(self, blocks: Any) -> list[int]:
        """Return one block per uid: the chain reads a longer list to the last uid, and beyond a shorter one nothing.

        A uid without an update is inactive and its weights are older than any registration.
        """
        block = whole_numbers("last_update", blocks)
        return [*block[: self.n_uids], *[-NEVER] * (self.n_uids - len(block))]

    def _permits(self, name: str, flags: Any) -> list[bool]:
        """Return one permit per uid; the chain reads a list of any length as it does the last updates."""
        permit = [flag(f"{name}[{uid}]", value) for uid, value in enumerate(listed(name, flags))]
        return [*permit[: self.n_uids], *[False] * (self.n_uids - len(permit))]

    def _change(self, change: dict[str, Any]) -> None:
        unknown = set(change) - {"clear_bond_rows", "clear_bond_cols", "drop_permits", "set_permits"}
        if unknown:
            raise ValueError(f"`before` holds {', '.join(sorted(unknown))}, which is not in the schema")
        for uid in whole_numbers("clear_bond_rows", change.get("clear_bond_rows", [])):
            self.bond_u16[uid] = []
        cleared = set(whole_numbers("clear_bond_cols", change.get("clear_bond_cols", [])))
        self.bond_u16 = [[pair for pair in row if pair[0] not in cleared] for row in self.bond_u16]
        if "set_permits" in change:
            self.permit = self._permits("set_permits", change["set_permits"])
        for uid in whole_numbers("drop_permits", change.get("drop_permits", [])):
            self.permit[uid] = False


def _rule(params: dict[str, Any]) -> EpochRule:
    number = {name: whole_number(name, params[name]) for name in _NUMBERS}
    switch = {name: flag(name, params[name]) for name in ("liquid_alpha", "yuma3", "commit_reveal")}
    return EpochRule(
        kappa_u16=number["kappa_u16"],
        bonds_penalty_u16=number["bonds_penalty_u16"],
        bonds_moving_average_ppm=number["bonds_moving_average"],
        liquid_alpha=switch["liquid_alpha"],
        alpha_low_u16=number["alpha_low_u16"],
        alpha_high_u16=number["alpha_high_u16"],
        alpha_sigmoid_steepness_hundredths=number["alpha_sigmoid_steepness"],
        yuma3=switch["yuma3"],
        max_allowed_validators=number["max_allowed_validators"],
        stake_threshold_rao=number["stake_threshold"],
        tempo_blocks=number["tempo"],
        activity_cutoff_factor_milli=number["activity_cutoff_factor_milli"],
        commit_reveal=switch["commit_reveal"],
    )


_NUMBERS = (
    "kappa_u16",
    "bonds_penalty_u16",
    "bonds_moving_average",
    "alpha_low_u16",
    "alpha_high_u16",
    "alpha_sigmoid_steepness",
    "max_allowed_validators",
    "stake_threshold",
    "tempo",
    "activity_cutoff_factor_milli",
)


def _commits(blocks: Any, n_uids: int) -> list[int]:
    """Return each uid's earliest weight commit; null, like a missing list, is none."""
    if blocks is None:
        return [NEVER] * n_uids
    return [NEVER if block is None else whole_number("commit_block", block) for block in listed("commit_block", blocks)]


def _weights(stored: dict[str, Any], n_uids: int) -> Rows:
    """Return the stored rows; large files share a row among several uids and list those who weight themselves."""
    rows: Rows = [[] for _ in range(n_uids)]
    shared = stored.get("rows", {}) if stored.keys() & {"rows", "self"} else stored
    for uids, row in shared.items():
        pairs = sorted(
            (whole_number("weights target", target), whole_number("weights value", value))
            for target, value in listed(f"weights of {uids}", row)
        )
        for uid in uids.split(","):
            rows[_uid("weights", int(uid), n_uids)] = pairs
    for uid in whole_numbers("weights.self", stored.get("self", [])):
        rows[_uid("weights.self", uid, n_uids)] = [(uid, 65_535)]
    return rows


def _uid(name: str, uid: int, n_uids: int) -> int:
    if not 0 <= uid < n_uids:
        raise ValueError(f"{name} must name uids in [0, {n_uids}), names {uid}")
    return uid


def _from_triplets(triplets: list[list[int]], n_uids: int) -> Rows:
    rows: Rows = [[] for _ in range(n_uids)]
    for row, column, value in sorted(whole_numbers("bonds_in", triplet) for triplet in listed("bonds_in", triplets)):
        rows[_uid("bonds_in", row, n_uids)].append((column, value))
    return rows
