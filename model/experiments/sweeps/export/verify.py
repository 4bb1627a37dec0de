"""Whether a sweep's folder says the truth: runs are played again and compared, and what differs is named.

With the libraries of then the same bits must come out; others round in their own way, and numbers are compared to 1e-9.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from model.bounds import shown, within
from model.experiments.code import code_here
from model.experiments.sweeps.execution.executors import Task, play
from model.experiments.sweeps.execution.work import EconomyTask
from model.experiments.sweeps.export.evidence import Evidence, Finding, compared, same_bits, same_but_rounding, wrong
from model.experiments.sweeps.export.exports import Recorded
from model.experiments.sweeps.spec.points import points
from model.experiments.sweeps.store.endings import FAILED, OK
from model.experiments.sweeps.store.folder import LEDGER_FILE
from model.records.provenance import LIBRARIES
from model.world.randomness import stream

DEFAULT_SAMPLE = 5
Progress = Callable[[int, int], None]


def play_again(
    evidence: Evidence, task: Task, n_sample: int = DEFAULT_SAMPLE, seed: int = 0, progress: Progress | None = None
) -> tuple[list[int], list[Finding]]:
    """Numbers of the runs that were played again, and every cell of theirs that came out otherwise.

    A random sample of those that ended well or failed, and all runs of parts that have changed since they were
    written. Runs that took too long or took their worker down say something of the machine, and are not played.

    Parameters
    ----------
    n_sample : int
        Runs in the sample; all if there are not more.
    seed : int
        Of the sample.
    """
    within("--sample", n_sample, 0)
    candidates = [row for row in evidence.rows if row[5] in (OK, FAILED)]
    drawn = stream(seed, "verify").permutation(len(candidates))[:n_sample].tolist()
    chosen = sorted({*drawn, *(place for place, row in enumerate(candidates) if row[1] in evidence.suspects)})
    table = points(evidence.held.spec)
    series = evidence.held.series.of({candidates[place][1] for place in chosen})
    exact = not other_libraries(evidence.held)
    findings: list[Finding] = []
    for done, place in enumerate(chosen, 1):
        row = candidates[place]
        again = play(task, table[row[0]], None)
        stored = {"status": row[5], "error": row[6], "epochs_played": row[7]}
        played = {"status": again.status, "error": again.error, "epochs_played": again.epochs_played}
        findings += compared(LEDGER_FILE, row[0], stored, played)
        if row[5] == again.status == OK:
            file = evidence.file.get(row[1], LEDGER_FILE)
            findings += compared(file, row[0], evidence.outcome.get(row[1], {}), again.outcome, exact=exact)
            findings += _series_compared(file, row[0], series.get(row[1], {}), again.series, exact=exact)
        if progress:
            progress(done, len(chosen))
    return [candidates[place][0] for place in chosen], findings


def task_of(held: Recorded) -> Task:
    """Task that plays the sweep's runs, from the scenario on record rather than the file it once came from.

    Raises
    ------
    ValueError
        If the scenario or the spec is not one of economies.
    """
    if not held.scenario:
        return EconomyTask(held.spec)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.toml"
        path.write_text(held.scenario, "utf-8")
        return EconomyTask(replace(held.spec, scenario=str(path)))


def other_code(held: Recorded) -> str:
    """In what the code that played the runs differs from this one; empty if in nothing."""
    now = code_here(held.code.get("plugins", ()))
    then, here = (
        {**one["versions"], **one.get("machine", {}), "git_commit": one["git_commit"]} for one in (held.code, now)
    )
    return "; ".join(
        f"{name} {shown(then.get(name))} then, {shown(here[name])} now" for name in here if then.get(name) != here[name]
    )


def other_libraries(held: Recorded) -> str:
    """Python, libraries and architecture that differ from those that played the runs; empty if none does."""
    named = ("python", *LIBRARIES, "architecture")
    now = code_here()
    then, here = ({**one["versions"], **one.get("machine", {})} for one in (held.code, now))
    return "; ".join(
        f"{name} {then[name]} then, {here[name]} now" for name in named if name in then and then[name] != here[name]
    )


def _series_compared(
    file: str, run: int, stored: Mapping[str, np.ndarray], recomputed: Mapping[str, np.ndarray], *, exact: bool
) -> Iterator[Finding]:
    for name in dict.fromkeys([*recomputed, *stored]):
        there, due = (np.asarray(of.get(name, ())).tolist() for of in (stored, recomputed))
        if len(there) != len(due):
            yield wrong(file, f"run {run}", name, f"{len(there)} epochs", f"{len(due)} epochs")
            continue
        for epoch, (value, again) in enumerate(zip(there, due, strict=True)):
            if not (same_bits(value, again) if exact else same_but_rounding(value, again)):
                yield wrong(file, f"run {run}, epoch {epoch}", name, value, again)
