"""Which sweeps extend which: more replicates, values or points of the same question."""

from pathlib import Path

from model.bounds import shown
from model.experiments.sweeps.spec.spec import Spec
from model.experiments.sweeps.store.ledger import StoreError
from model.scenario.scenario_file import flat

# What every run has in common: with another of these, runs on record would answer another question.
FIXED = ("scenario", "values", "intervention", "seed", "epochs", "outcomes", "stop")


def check_common(folder: Path, before: Spec, after: Spec) -> None:
    """Pass if both sweeps have in common what all runs have; otherwise a StoreError that names a difference."""
    if any(getattr(before, name) != getattr(after, name) for name in FIXED):
        raise no_extension(folder, before, after)


def no_extension(folder: Path, before: Spec, after: Spec, n_dropped: int = 0) -> StoreError:
    """That the sweep in `folder` can't become `after`, and would lose so many runs if it did."""
    drop = f"; it would drop {n_dropped} of {before.n_runs} runs" if n_dropped else ""
    differs = _difference(before, after)
    return StoreError(f"{folder} holds another sweep, and this is no extension of it: {differs}{drop}")


def _difference(before: Spec, after: Spec) -> str:
    """The field in which two specs differ, those first that no extension may change; empty if in none."""
    there, here = flat(before.to_tree()), flat(after.to_tree())
    for path in sorted({**there, **here}, key=lambda path: path.split(".")[0] not in FIXED):
        if there.get(path) != here.get(path):
            return f"{path} is {shown(there.get(path))} there and {shown(here.get(path))} here"
    return ""
