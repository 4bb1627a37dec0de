"""Runs every golden vector in a folder and reports what is met, what is missed, and what nothing covers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from model.fidelity import coinbase, epoch, maths, peers, swap
from model.fidelity.files import Document, read, vector_files
from model.fidelity.report import NotCovered, Report, Verdict, summarise

Judge = Callable[[Document, str, bool], Iterator[Verdict | NotCovered]]

_JUDGES: dict[str, Judge] = {
    "chain-epoch/1": epoch.judge,
    "derived-epoch/1": epoch.judge,
    "chain-math/1": maths.judge,
    "chain-coinbase/1": coinbase.judge,
    "chain-swap/1": swap.judge,
    "peer-case/1": peers.judge,
}
_NOT_AS_SAID = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
    MemoryError,
)


def run(folder: Path, *, exact: bool = False) -> Report:
    """Return how the engine compares with every golden vector in a folder.

    Parameters
    ----------
    folder : Path
        Searched with its sub-folders for .json and .json.gz files of the documented schemas.
    exact : bool
        Epochs and maths in the chain's own fixed-point arithmetic, pools in whole rao; else float64.

    Returns
    -------
    Report
        The same for the same files, whatever else is on the machine.

    Raises
    ------
    ValueError
        If there is no such folder, or no file of vectors in it.
    """
    verdicts: list[Verdict] = []
    not_covered: list[NotCovered] = []
    broken: list[str] = []
    for path in vector_files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            document = read(path)
            found = list(_JUDGES[document["schema"]](document, name, exact))
        except _NOT_AS_SAID as error:
            broken.append(f"{name}: {_reason(error)}")
            continue
        verdicts.extend(item for item in found if isinstance(item, Verdict))
        not_covered.extend(item for item in found if isinstance(item, NotCovered))
    order = {component: place for place, component in enumerate(_ORDER)}
    verdicts.sort(key=lambda verdict: order.get(verdict.component, len(order)))
    return summarise(verdicts, not_covered, broken)


_ORDER = (
    *epoch.COMPONENTS,
    *maths.COMPONENTS,
    *coinbase.COMPONENTS,
    *swap.COMPONENTS,
    *peers.COMPONENTS,
)


def _reason(error: BaseException) -> str:
    """Return why a file cannot be judged; a bare KeyError says no more than the missing name."""
    if isinstance(error, KeyError):
        return f"does not follow its schema: {error.args[0]!r} is missing"
    if isinstance(error, ValueError):
        return str(error)
    return f"does not follow its schema ({type(error).__name__}: {error})"
