"""Whether a run stands still at its end: how far what it measures drifts and swings over its last quarter.

A run that goes round for ever has a last epoch like any other; whoever reads it as an equilibrium must know.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from model.records.data_dictionary import Column
from model.records.records import Records
from model.units import FloatArray

SETTLED, SWINGS, MOVES, SHORT = STATES = ("settled", "swings", "moves", "too short")
LAST_SHARE = 0.25  # of the epochs since the start or the last change of rules; CLOSED_FORMS 5.2
FEWEST_EPOCHS = 32  # of which the last quarter has two halves to compare
TOLERANCE_SHARE = 0.02  # within which all that is measured stays, of its mean; of shares, in points
# A slow drift stays within the tolerance for some time: between the two halves it is held to a quarter of it.
DRIFT_SHARE = TOLERANCE_SHARE / 4


COLUMN = Column(
    name="settling",
    unit="name",
    meaning="whether the run stood still at its end: settled, swings (its average stands), moves, or too short to say",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """Whether a run stands still at its end.

    state : one of `STATES`. "settled": all stays within `TOLERANCE_SHARE`; "swings": the average stands, single epochs
        do not; "moves": the average itself is on its way; "too short": nobody can tell
    n_epochs : at the end of the run, that were looked at; where it is too short, epochs since the last change
    quantity : that says so most clearly, in words
    size_share : how far it goes within those epochs: of its mean, or of a share in points
    """

    state: str
    n_epochs: int
    quantity: str = ""
    size_share: float = math.nan

    def sentence(self) -> str:
        """The same in one line, for people."""
        within = f"within the last {self.n_epochs} epochs"
        size = f"{self.size_share:.1%}" if self.size_share >= 1e-3 else "less than 0.1%"
        if self.state == SHORT:
            told = f"{self.n_epochs} epochs since the start or the last change of rules, {FEWEST_EPOCHS} are needed"
            return f"too short to say whether it settled: {told}"
        if self.state == SETTLED:
            return f"settled: nothing goes further than {self.quantity}, {size} {within}"
        if self.state == MOVES:
            return f"not settled: {self.quantity} still moves, by {size} {within}"
        return (
            f"not settled: the average stands, but {self.quantity} swings by {size} {within}; "
            "a mean over epochs says more than the last one"
        )


def sentence_of_many(states: Iterable[str]) -> str:
    """How many of the runs with these states have not settled; empty if all have, or there is none."""
    count = Counter(state for state in states if state in STATES)
    n_runs = count.total()
    if count[SETTLED] == n_runs:
        return ""
    if count[SHORT] == n_runs:
        return f"too short to say whether they settled: runs have fewer than {FEWEST_EPOCHS} epochs under one rule"
    told = {
        SWINGS: "swing about an average that stands",
        MOVES: "are still on their way",
        SHORT: "are too short to say",
    }
    parts = ", ".join(f"{count[state]:,} {how}" for state, how in told.items() if count[state])
    return f"{n_runs - count[SETTLED]:,} of {n_runs:,} runs have not settled at their end: {parts}"


def settling(records: Records, since: int = 0) -> Settling:
    """Whether the run that these records are of stands still.

    Parameters
    ----------
    since : int
        Epoch of the last change of rules, from which on it is asked.
    """
    n_epochs = len(records.epochs) - since
    if n_epochs < FEWEST_EPOCHS:
        return Settling(state=SHORT, n_epochs=max(n_epochs, 0))
    n_last = int(n_epochs * LAST_SHARE)
    found = list(_looked_at(records, n_last))
    names = [name for name, _ in found]
    spread = np.array([np.ptp(held) for _, held in found])
    drift = np.array([abs(held[n_last // 2 :].mean() - held[: n_last // 2].mean()) for _, held in found])
    # What single miners spend may move while all sums stand.
    moved = float(np.nan_to_num(records.epochs.history("moved_spend_share")[-n_last:, 0]).mean())

    def told(state: str, which: int, size_share: FloatArray) -> Settling:
        return Settling(state=state, n_epochs=n_last, quantity=names[which], size_share=float(size_share[which]))

    # The two halves of what swings about a standing mean differ by less than a quarter of the swing.
    moves = np.where(drift > np.maximum(DRIFT_SHARE, spread / 4), spread, 0.0)
    if moves.any():
        return told(MOVES, int(moves.argmax()), spread)
    if spread.max() > TOLERANCE_SHARE:
        return told(SWINGS, int(spread.argmax()), spread)
    if moved > DRIFT_SHARE:
        return Settling(
            state=SWINGS,
            n_epochs=n_last,
            quantity="what single miners spend, from one epoch to the next,",
            size_share=moved,
        )
    return told(SETTLED, int(spread.argmax()), spread)


def _looked_at(records: Records, n_last: int) -> Iterator[tuple[str, FloatArray]]:
    """What must stand still, by name: amounts over their mean, and shares, each (epoch,)."""
    for name, measure in (("spending on hardware", "spend_tao"), ("value users get", "users_value")):
        held = records.epochs.history(measure)[-n_last:, 0]
        mean = held.mean()
        yield name, held / mean if mean else held
    spend_tao = records.capabilities.history("spend_tao")[-n_last:]
    capability = records.capabilities.label["capability"]
    total_tao = spend_tao.sum(axis=1)
    for name in dict.fromkeys(capability.tolist()):
        of_one = spend_tao[:, capability == name].sum(axis=1)
        yield (
            f"the share of spending on {name}",
            np.divide(of_one, total_tao, out=np.zeros(n_last), where=total_tao > 0),
        )
    table = records.strategies
    for row, (role, strategy) in enumerate(zip(table.label["role"], table.label["strategy"], strict=True)):
        yield f"the share of pay of {strategy} {role}s", table.history("earned_share")[-n_last:, row]
