"""Golden epochs (schemas chain-epoch/1 and derived-epoch/1): a subnet is led through its steps and compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ext.chain_state import NEVER, EpochRule, SubnetSnapshot
from ext.exact import exact_epoch
from ext.fixed_vectors import Rows
from model.fidelity.files import Document
from model.fidelity.float_epoch import float_epoch
from model.fidelity.outcome import Outcome
from model.fidelity.report import NotCovered, Verdict

SHARES = "epoch: shares, bonds, permits (u16)"
EMISSION = "epoch: emission (rao)"
TRACE = "epoch: traces (fractions)"
COMPONENTS = (SHARES, EMISSION, TRACE)
FIXED_POINT_ONLY = "fixed_point_only"  # feature of files that no float64 engine can meet
MAX_UIDS = 4_096
RAO_TOLERANCE = 2
EMISSION_TOLERANCE_SHARE = 2e-8
TRACE_TOLERANCE = {True: 1e-9, False: 1 / 65_535}  # ten digits are printed; float64 carries bonds a unit off
_EMISSION_FIELDS = ("emission", "server_emission", "validator_emission")
_EXACT_FIELDS = ("validator_permit", "active", "stored_weights_row_nonempty")
_TERM = re.compile(r"(\w+)\[(\d+)\]")
_TRACED = ("consensus", "validator_trust", "incentive", "dividends", "stake")


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
        asked = _Asked(
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One step's expectations, and how far a number may lie from them."""

    file: str
    vector: str
    emission_rao: int
    exact: bool

    def expected(
        self, lines: list[list[Any]], values: dict[str, Any], before: dict[str, Any]
    ) -> Iterator[Verdict | NotCovered]:
        """Yield the verdicts on single numbers: [field, index, op, value, tolerance]."""
        verdicts: dict[str, Verdict] = {}
        for name, index, relation, value, tolerance in lines:
            place = tuple(index) if isinstance(index, list) else () if index is None else (index,)
            got = _resolve(name, place, values)
            if relation in (">=prev", "<=prev"):
                value = _resolve(name, place, before)
            if got is None or value is None or relation not in ("==", ">", ">=prev", "<=prev"):
                reason = f"{name} {relation} {value!r} is no expectation the harness can judge"
                yield NotCovered(file=self.file, vector=self.vector, reason=reason)
                continue
            verdict = verdicts.setdefault(_component(name), self._verdict(_component(name)))
            if relation == "==":
                verdict.number(name, place, value, got, self._tolerance(name, tolerance))
            else:
                holds = {">": got > value, ">=prev": got >= value, "<=prev": got <= value}[relation]
                verdict.fact(f"{name} {relation} {value}", place, True, holds)
        yield from verdicts.values()

    def whole(self, full: dict[str, Any], values: dict[str, Any]) -> Iterator[Verdict | NotCovered]:
        """Yield the verdicts on whole output vectors; bonds that are not listed are 0."""
        verdicts: dict[str, Verdict] = {}
        for name, expected in full.items():
            if name not in values:
                yield NotCovered(file=self.file, vector=self.vector, reason=f"{name} is no output known here")
                continue
            verdict = verdicts.setdefault(_component(name), self._verdict(_component(name)))
            tolerance = self._tolerance(name, 0)
            if name == "bonds_u16":
                wanted = {(row, column): value for row, column, value in expected}
                for pair in sorted(wanted.keys() | values[name].keys()):
                    verdict.number(name, pair, wanted.get(pair, 0), values[name].get(pair, 0), tolerance)
            else:
                verdict.sequence(name, expected, values[name], tolerance)
        yield from verdicts.values()

    def traced(self, trace: dict[str, Any], outcome: Outcome, values: dict[str, Any]) -> Iterator[Verdict | NotCovered]:
        """Yield the verdict on fractions that the chain's tests print without asserting them."""
        verdict = self._verdict(TRACE)
        tolerance = TRACE_TOLERANCE[self.exact]
        for name in _TRACED:
            if name in trace:
                verdict.sequence(name, trace[name], outcome.fraction[name], tolerance)
        for row, column, value in trace.get("bonds_fraction", []):
            got = values["bonds_u16"].get((row, column), 0) / 65_535
            verdict.number("bonds_fraction", (row, column), value, got, trace["bonds_tolerance"])
        if verdict.n_compared:
            yield verdict

    def _verdict(self, component: str) -> Verdict:
        stated = {
            SHARES: "as stated" if self.exact else "1",
            EMISSION: "as stated" if self.exact else "2 or 2e-8 of the emission",
            TRACE: f"{TRACE_TOLERANCE[self.exact]:g}, bonds as stated",
        }
        return Verdict(component=component, file=self.file, vector=self.vector, tolerance=stated[component])

    def _tolerance(self, name: str, stated: float) -> float:
        if self.exact or name.startswith(_EXACT_FIELDS) or "/" in name:
            return stated
        if _component(name) == EMISSION:
            return max(stated, RAO_TOLERANCE, EMISSION_TOLERANCE_SHARE * self.emission_rao)
        return max(stated, 1)


def _component(name: str) -> str:
    return EMISSION if any(part in name for part in _EMISSION_FIELDS) else SHARES


def _resolve(name: str, place: tuple[int, ...], values: dict[str, Any]) -> float | None:
    """Return the number a field name stands for: a field, field/65535, a sum, or a difference of two entries."""
    if name.startswith("sum(") and name.endswith(")"):
        parts = [values.get(part.strip()) for part in name[4:-1].split("+")]
        return None if None in parts else sum(sum(part) for part in parts if part is not None)
    terms = name.split("-")
    if len(terms) == 2 and all(_TERM.fullmatch(term) for term in terms):
        left, right = (
            _resolve(term[: term.index("[")], (int(term[term.index("[") + 1 : -1]),), values) for term in terms
        )
        return None if left is None or right is None else left - right
    if name.endswith("/65535"):
        whole = _resolve(name.removesuffix("/65535"), place, values)
        return None if whole is None else whole / 65_535
    if name not in values or len(place) != (2 if name == "bonds_u16" else 1):
        return None
    found = values[name]
    return found.get(place, 0) if name == "bonds_u16" else found[place[0]]
