"""Golden runs of two other simulators (schema peer-case/1).

Two questions, two components. Is their dialect understood, number by number? And does our own engine say the same
where the dialects agree, that is in plain Yuma 2 and 3, to what their rounding of consensus and their added 1e-6
leave open?

In one point plain Yuma 2 differs by more: who has no stake left loses the permit and with it the bonds on the chain,
while a peer, which knows no permits, lets those bonds fade and pays them. An epoch's tolerance grows by what the peer
pays in this way, and the run says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ext.consensus import yuma_epoch
from model.fidelity.entries import apart, flag, listed, whole_number, without_text
from model.fidelity.expected import is_number
from model.fidelity.files import Document
from model.fidelity.peer_dialect import EPSILON, VERSIONS, Epoch, FloatArray, State, Version, run_epoch
from model.fidelity.report import Finding, NotCovered, Verdict
from model.wording import number

DIALECT = "peers: their dialect"
ENGINE = "peers: our engine, plain Yuma 2 and 3"
COMPONENTS = (DIALECT, ENGINE)
# By the precision that a peer computed in: of its dialect in float64, and of our engine.
TOLERANCE = {"float64": 1e-9, "float32": 2e-5}
ENGINE_TOLERANCE = {"float64": 1e-5, "float32": 2e-5}
_PRECISION = {"float64": "float64", "f64": "float64", "float32": "float32", "f32": "float32"}
MAX_PARTICIPANTS = 1_024
_COMMIT = {"yuma_simulation": "2b976fd5", "interactive": "6d7726e7"}
_PLAIN = {
    ("interactive", "Yuma 2 (subtensor)"): False,
    ("interactive", "Yuma 3 (Rhef+relative bonds)"): True,
    ("yuma_simulation", "Yuma 3 (Rhef+relative bonds)"): True,
}


def judge(document: Document, file: str, exact: bool) -> Iterator[Finding]:
    """Yield a verdict for each run of a file; float64 in either mode, since the peers compute in floats."""
    if document["dtype"] not in _PRECISION:
        reason = f"computed in {document['dtype']}; only float64 and float32 runs are compared"
        yield NotCovered(file=file, vector=str(document["case"]), reason=reason)
        return
    case = _Case(document)
    for place, run in enumerate(listed("runs", document["runs"])):
        yield from apart(file, _label(run, place), partial(_judge, run, _label(run, place), case, file))


def _label(run: Any, place: int) -> str:
    named = isinstance(run, dict) and "version" in run and is_number(run.get("bond_penalty"))
    return f"{run['version']}, penalty {run['bond_penalty']:g}" if named else f"run {place}"


def _judge(run: dict[str, Any], label: str, case: _Case, file: str) -> Iterator[Finding]:
    """Yield the verdicts on one run."""
    peer, version = case.peer, run["version"]
    known = VERSIONS.get((peer, version))
    if known is None:
        yield NotCovered(file=file, vector=label, reason=f"no version {version!r} of {peer!r} is known")
        return
    without_text("epochs", run["epochs"])
    given = _parameters(run["hyperparameters"])
    chain, tolerance = f"{peer} {_COMMIT[peer]}", TOLERANCE[case.precision]
    verdict = Verdict(component=DIALECT, file=file, vector=label, chain_version=chain, tolerance=f"{tolerance:g}")
    yield _in_dialect(case, run, given, known, verdict)
    if (peer, version) in _PLAIN and not given["winner_takes_all"]:
        tolerance = ENGINE_TOLERANCE[case.precision]
        verdict = Verdict(component=ENGINE, file=file, vector=label, chain_version=chain, tolerance=f"{tolerance:g}")
        yield _in_engine(case, run, given, (known, _PLAIN[peer, version]), verdict)


def _parameters(given: dict[str, Any]) -> dict[str, Any]:
    """Return the hyper-parameters of a run; ValueError where one that is computed with is no number or no switch."""
    for name in _NUMBERS:
        if not is_number(given[name]):
            raise ValueError(f"{name} must be a number, is {given[name]!r}")
    return {**given, **{name: flag(name, given[name]) for name in ("liquid_alpha", "winner_takes_all")}}


_NUMBERS = (
    "kappa",
    "bond_penalty",
    "bond_moving_avg",
    "total_epoch_emission",
    "validator_emission_ratio",
    "total_subnet_stake",
    "alpha_low",
    "alpha_high",
    "decay_rate",
    "capacity_alpha",
    "alpha_sigmoid_steepness",
)


class _Case:
    """A case's inputs, epoch by epoch, in the matrices the peer puts them in."""

    def __init__(self, document: Document) -> None:
        self.peer: str = document["peer"]
        self.precision = _PRECISION[document["dtype"]]
        self.validators: list[str] = document["validators"]
        self.n_validators, self.n_servers = len(self.validators), len(document["servers"])
        if not 2 <= self.n_validators + self.n_servers <= MAX_PARTICIPANTS:
            raise ValueError(f"validators and servers must be 2..{MAX_PARTICIPANTS} together")
        self.square = flag("use_full_matrices", document["use_full_matrices"])
        self.n_epochs = whole_number("usable_epochs", document["usable_epochs"])
        without_text("weights", document["weights"])
        without_text("stakes", document["stakes"])
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
        reset = flag("reset_bonds", document["reset_bonds"])
        self.reset_epoch = whole_number("reset_bonds_epoch", document["reset_bonds_epoch"]) if reset else -1
        self.reset_server = (
            whole_number("reset_bonds_server_index", document["reset_bonds_server_index"]) if reset else -1
        )

    def paid_without_permit(self, epoch: int, dividend: list[float]) -> float:
        """Return what a peer pays to validators who had no stake when the chain last gave permits."""
        if epoch == 0:
            return 0.0
        gone = self.raw[epoch - 1][1] <= 0
        return float(sum(share for share, lost in zip(dividend, gone, strict=True) if lost))

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


def _in_dialect(case: _Case, run: dict[str, Any], given: dict[str, Any], version: Version, verdict: Verdict) -> Verdict:
    """Return the verdict on a run in the peer's own dialect."""
    live = case.live()
    state = State(started=False, bond=np.zeros(live.shape), weight=np.zeros(live.shape))
    for epoch in range(case.n_epochs):
        bond = case.without_reset(version, epoch, state.bond)
        state = State(started=state.started, bond=bond, weight=state.weight)
        result, state = run_epoch(version, given, case.inputs(epoch), live, state)
        _compare(case, run, epoch, result, verdict)
    return verdict


def _compare(case: _Case, run: dict[str, Any], epoch: int, result: Epoch, verdict: Verdict) -> None:
    """Compare an epoch with the file; bonds counted in u64 relative to their size."""
    servers, validators = slice(-case.n_servers, None), slice(case.n_validators)
    tolerance = TOLERANCE[case.precision]
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
            verdict.sequence(f"{name}, epoch {epoch}", (expected / size).tolist(), (value / size).tolist(), tolerance)
    given = run["hyperparameters"]
    paid = given["total_epoch_emission"] * given["validator_emission_ratio"] * result.dividend[validators]
    for place, name in enumerate(case.validators):
        thousands_tao = float(case.raw[epoch][1][place]) * given["total_subnet_stake"] / 1_000
        each = float(paid[place]) / thousands_tao if thousands_tao > EPSILON else 0.0
        expected_each = run["epochs"]["dividends_per_1000_tao"][name][epoch]
        size = max(1.0, abs(expected_each)) if case.precision == "float32" else 1.0  # float32 counts by size
        verdict.number("dividends_per_1000_tao", (name, epoch), expected_each / size, each / size, tolerance)


def _in_engine(
    case: _Case, run: dict[str, Any], given: dict[str, Any], kind: tuple[Version, bool], verdict: Verdict
) -> Verdict:
    """Return the verdict on a run of the float64 engine: incentives and dividends, epoch by epoch."""
    version, yuma3 = kind
    tolerance, most = ENGINE_TOLERANCE[case.precision], 0.0
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
        incentive = result.incentive[0, case.n_validators :].tolist()
        verdict.sequence(f"incentive, epoch {epoch}", run["epochs"]["incentive"][epoch], incentive, tolerance)
        paid, dividend = run["epochs"]["dividends_normalised"][epoch], result.dividend[0, : case.n_validators].tolist()
        fading = case.paid_without_permit(epoch, paid)
        most = max(most, fading)
        verdict.sequence(f"dividends_normalised, epoch {epoch}", paid, dividend, tolerance + fading)
    if most > tolerance:
        verdict.tolerance = f"{tolerance:g}, and what is paid without stake"
        verdict.note = (
            f"tolerance {tolerance:g} and, epoch by epoch, what the peer pays from old bonds to validators"
            f" whose stake is gone, at most {number(most)}; on the chain they lose permit and bonds"
        )
    return verdict
