"""Runs every golden vector in a folder and reports what is met, what is missed, and what nothing covers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from model.fidelity import coinbase, epoch, maths, peers, swap
from model.fidelity.entries import NOT_AS_SAID, reason
from model.fidelity.files import ELSEWHERE, Document, checked, is_index, lists_files, parsed, vector_files
from model.fidelity.report import Finding, Report, Verdict, summarise

Judge = Callable[[Document, str, bool], Iterator[Finding]]

_JUDGES: dict[str, Judge] = {
    "chain-epoch/1": epoch.judge,
    "derived-epoch/1": epoch.judge,
    "chain-math/1": maths.judge,
    "chain-coinbase/1": coinbase.judge,
    "chain-swap/1": swap.judge,
    "peer-case/1": peers.judge,
}


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
    found: list[Finding] = []
    broken: list[str] = []
    passed_over: list[str] = []
    paths = vector_files(folder)
    for path in paths:
        name = path.relative_to(folder).as_posix()
        if is_index(path):
            passed_over.append(f"{name}: by its name a list of files, not of vectors")
            continue
        try:
            content = parsed(path)
            if why := _no_vectors(content, [other.name for other in paths if other != path]):
                passed_over.append(f"{name}: {why}")
                continue
            document = checked(content)
            found.extend(_compared(list(_JUDGES[document["schema"]](document, name, exact))))
        except NOT_AS_SAID as error:
            broken.append(f"{name}: {reason(error)}")
    order = {component: place for place, component in enumerate(_ORDER)}
    found.sort(key=lambda item: order.get(item.component, len(order)) if isinstance(item, Verdict) else len(order))
    return summarise(found, broken, passed_over)


def _compared(found: list[Finding]) -> list[Finding]:
    """Return what was found in a file; ValueError if nothing in it asked for a comparison."""
    if all(isinstance(one, Verdict) and not one.n_compared for one in found):
        raise ValueError("must hold at least one vector that expects something, and holds none")
    return found


def _no_vectors(content: Any, others: list[str]) -> str:
    """Return what a JSON file is instead of vectors; empty when it should hold some."""
    schema = content.get("schema") if isinstance(content, dict) else None
    if isinstance(schema, str) and schema in ELSEWHERE:
        return f"schema {schema}: {ELSEWHERE[schema]}"
    return "lists other files and holds no vectors" if lists_files(content, others) else ""


_ORDER = (
    *epoch.COMPONENTS,
    *maths.COMPONENTS,
    *coinbase.COMPONENTS,
    *swap.COMPONENTS,
    *peers.COMPONENTS,
)
