"""Golden runs of two other simulators (schema peer-case/1).

Two questions, two components. Is their dialect understood, number by number? And does our own engine say the same
where the dialects agree, that is in plain Yuma 2 and 3, to what their rounding of consensus and their added 1e-6
leave open?
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ext.consensus import yuma_epoch
from model.fidelity.files import Document
from model.fidelity.peer_dialect import EPSILON, VERSIONS, Epoch, FloatArray, State, Version, run_epoch
from model.fidelity.report import NotCovered, Verdict

DIALECT = "peers: their dialect"
ENGINE = "peers: our engine, plain Yuma 2 and 3"
COMPONENTS = (DIALECT, ENGINE)
TOLERANCE = 1e-9
ENGINE_TOLERANCE = 1e-3
MAX_PARTICIPANTS = 1_024
_COMMIT = {"yuma_simulation": "2b976fd5", "interactive": "6d7726e7"}
_PLAIN = {
    ("interactive", "Yuma 2 (subtensor)"): False,
    ("interactive", "Yuma 3 (Rhef+relative bonds)"): True,
    ("yuma_simulation", "Yuma 3 (Rhef+relative bonds)"): True,
}


def judge(document: Document, file: str, exact: bool) -> Iterator[Verdict | NotCovered]:
    """Yield a verdict for each run of a file; float64 in either mode, since the peers compute in it."""
    peer = document["peer"]
    if document["dtype"] != "float64":
        reason = f"computed in {document['dtype']}; only float64 runs are compared"
        yield NotCovered(file=file, vector=str(document["case"]), reason=reason)
        return
    case = _Case(document)
    for run in document["runs"]:
        version, label = run["version"], f"{run['version']}, penalty {run['bond_penalty']:g}"
        known = VERSIONS.get((peer, version))
        if known is None:
            yield NotCovered(file=file, vector=label, reason=f"no version {version!r} of {peer!r} is known")
            continue
        chain = f"{peer} {_COMMIT[peer]}"
        verdict = Verdict(component=DIALECT, file=file, vector=label, chain_version=chain, tolerance=f"{TOLERANCE:g}")
        yield _in_dialect(case, run, known, verdict)
        if (peer, version) in _PLAIN and not run["hyperparameters"]["winner_takes_all"]:
            verdict = Verdict(
                component=ENGINE, file=file, vector=label, chain_version=chain, tolerance=f"{ENGINE_TOLERANCE:g}"
            )
            yield _in_engine(case, run, known, _PLAIN[peer, version], verdict)


class _Case:
    """A case's inputs, epoch by epoch, in the matrices the peer puts them in."""

    def __init__(self, document: Document) -> None:
        self.validators: list[str] = document["validators"]
        self.n_validators, self.n_servers = len(self.validators), len(document["servers"])
        if not 2 <= self.n_validators + self.n_servers <= MAX_PARTICIPANTS:
            raise ValueError(f"validators and servers must be 2..{MAX_PARTICIPANTS} together")
        self.square = bool(document["use_full_matrices"])
        self.n_epochs = int(document["usable_epochs"])
        self.raw = [
            (np.array(weight, np.float64), np.array(stake, np.float64))
            for weight, stake in zip(
                document["weights"][: self.n_epochs], document["stakes"][: self.n_epochs], strict=True
            )
        ]
        shape = (self.n_validators, self.n_servers)
        for weight, stake in self.raw:
            if weight.shape != shape or stake.shape != shape[:1]:
                raise ValueError(f"weights and stakes must be {shape} and {shape[:1]} in every epoch")
        reset = bool(document["reset_bonds"])
        self.reset_epoch = document["reset_bonds_epoch"] if reset else -1
        self.reset_server = document["reset_bonds_server_index"] if reset else -1

    def live(self) -> NDArray[np.bool_]:
        """Which pairs of the peer's matrices are a validator and a server."""
        return np.pad(np.ones((self.n_validators, self.n_servers), np.bool_), self._padding())

    def inputs(self, epoch: int) -> tuple[FloatArray, FloatArray]:
        """Weights and stakes of an epoch in the peer's matrices."""
        weight, stake = self.raw[epoch]
        return np.pad(weight, self._padding()), np.pad(stake, self._padding()[0])

    def without_reset(self, version: Version, epoch: int, bond: FloatArray) -> FloatArray:
        """The bonds an epoch begins with: a case may take away those on one server, once."""
        if not version.resets or epoch != self.reset_epoch or epoch == 0:
            return bond
        kept = bond.copy()
        kept[:, bond.shape[1] - self.n_servers + self.reset_server] = 0.0
        return kept

    def _padding(self) -> tuple[tuple[int, int], tuple[int, int]]:
        return ((0, self.n_servers), (self.n_validators, 0)) if self.square else ((0, 0), (0, 0))


def _in_dialect(case: _Case, run: dict[str, Any], version: Version, verdict: Verdict) -> Verdict:
    """Return the verdict on a run in the peer's own dialect."""
    live = case.live()
    state = State(started=False, bond=np.zeros(live.shape), weight=np.zeros(live.shape))
    for epoch in range(case.n_epochs):
        bond = case.without_reset(version, epoch, state.bond)
        state = State(started=state.started, bond=bond, weight=state.weight)
        result, state = run_epoch(version, run["hyperparameters"], case.inputs(epoch), live, state)
        _compare(case, run, epoch, result, verdict)
    return verdict


def _compare(case: _Case, run: dict[str, Any], epoch: int, result: Epoch, verdict: Verdict) -> None:
    """Compare an epoch with the file; bonds counted in u64 relative to their size."""
    servers, validators = slice(-case.n_servers, None), slice(case.n_validators)
    got = {
        "consensus": result.consensus[servers],
        "incentive": result.incentive[servers],
        "validator_trust": result.validator_trust[validators],
        "bonds": result.bond[validators, servers],
        "dividends_normalised": result.dividend[validators],
    }
    for name, value in got.items():
        if name in run["epochs"]:
            # A row without weights has no trust: their 0/0 is not a number, ours is 0.
            expected = np.nan_to_num(np.array(run["epochs"][name][epoch], np.float64))
            size = max(1.0, float(np.abs(expected).max(initial=0.0)))
            verdict.sequence(f"{name}, epoch {epoch}", (expected / size).tolist(), (value / size).tolist(), TOLERANCE)
    given = run["hyperparameters"]
    paid = given["total_epoch_emission"] * given["validator_emission_ratio"] * result.dividend[validators]
    for place, name in enumerate(case.validators):
        thousands_tao = float(case.raw[epoch][1][place]) * given["total_subnet_stake"] / 1_000
        each = float(paid[place]) / thousands_tao if thousands_tao > EPSILON else 0.0
        expected_each = run["epochs"]["dividends_per_1000_tao"][name][epoch]
        verdict.number("dividends_per_1000_tao", (name, epoch), expected_each, each, TOLERANCE)


def _in_engine(case: _Case, run: dict[str, Any], version: Version, yuma3: bool, verdict: Verdict) -> Verdict:
    """Return the verdict on a run of the float64 engine: incentives and dividends, epoch by epoch."""
    given = run["hyperparameters"]
    n_uids = case.n_validators + case.n_servers
    bond: FloatArray = np.zeros((case.n_validators, n_uids))
    for epoch in range(case.n_epochs):
        weight, stake = case.raw[epoch]
        result = yuma_epoch(
            np.pad(weight, ((0, 0), (case.n_validators, 0)))[None],
            np.pad(stake, (0, case.n_servers))[None],
            case.without_reset(version, epoch, bond)[None],
            np.arange(case.n_validators)[None],
            kappa=given["kappa"],
            bonds_penalty=given["bond_penalty"] if version.penalised else 0.0,
            bonds_moving_average=given["bond_moving_avg"],
            yuma3=yuma3,
            quantise_bonds=False,
        )
        bond = result.bond[0]
        for name, value in (
            ("incentive", result.incentive[0, case.n_validators :]),
            ("dividends_normalised", result.dividend[0, : case.n_validators]),
        ):
            verdict.sequence(f"{name}, epoch {epoch}", run["epochs"][name][epoch], value.tolist(), ENGINE_TOLERANCE)
    return verdict
