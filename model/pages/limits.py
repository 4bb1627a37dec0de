"""How much a page takes in. Whoever can open it shares the server's machine; the command line takes more."""

from model.experiments.sweeps.execution.estimate import Estimate, refuse_above
from model.experiments.sweeps.execution.work import base_of, different_starts
from model.experiments.sweeps.spec.spec import Spec
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import with_values

UPLOAD_MEGABYTES = 1  # of a file
LONGEST_LINK = 6_000  # characters; servers on the way cut longer ones
LARGEST_NETWORK = 4_194_304  # weights, twice the chain's full network
LARGEST_CROWD = 4_194_304  # nominators' stakes and miners without a uid
LONGEST_RUN_EPOCHS = 10_000  # the records of a full network are 250 MB by then
MOST_RUNS = 20_000  # of a sweep
MOST_REPLICATES = 1_000
LARGEST_SWEEP_BYTES = 1_000_000_000  # of its folder
LONGEST_SWEEP_SECONDS = 86_400
LONGEST_MEASURE_SECONDS = 30  # for a sweep's first epochs, by which its time is told
MOST_RUNNING = 2  # sweeps at a time: each uses all processors that it finds
MOST_SWEEPS = 200  # kept in the folder of sweeps

SIZES = ("subnets", "nominators", "registration")  # first names of the fields that say how large a run is
ELSEWHERE = "on this page; the command line takes more"


def check_size(scenario: Scenario) -> None:
    """Pass if a page can play the scenario without taking its machine's memory.

    Raises
    ------
    ValueError
        Naming what is too large.
    """
    subnets = scenario.subnets
    weights = subnets.count * subnets.n_validators * subnets.n_uids
    crowd = scenario.nominators.count * subnets.count + scenario.registration.n_waiting
    _at_most("subnets x validators x uids", weights, LARGEST_NETWORK)
    _at_most("nominators x subnets and waiting miners", crowd, LARGEST_CROWD)


def check_sweep(spec: Spec) -> None:
    """Pass if a page's server can play the sweep: its number of runs, and the size and length of each.

    Raises
    ------
    ValueError
        Naming what is too large.
    """
    base = base_of(spec)
    refuse_above(spec, MOST_RUNS)
    _at_most("replicates", spec.replicates, MOST_REPLICATES)
    _at_most("epochs", base.epochs, LONGEST_RUN_EPOCHS)
    for start in different_starts(spec, SIZES):
        try:
            scenario = with_values(base, start)
        except ValueError:
            continue  # it is never played
        check_size(scenario)


def check_estimate(expected: Estimate, n_workers: int) -> None:
    """Pass if a sweep ends in time and fits on the disk; otherwise a ValueError that names what is too large."""
    _at_most("bytes of the sweep's folder", expected.disk_bytes, LARGEST_SWEEP_BYTES)
    _at_most("seconds that the sweep takes", round(expected.seconds(n_workers)), LONGEST_SWEEP_SECONDS)


def _at_most(what: str, size: int, most: int) -> None:
    if size > most:
        raise ValueError(f"{what} must be <= {most:,} {ELSEWHERE}, is {size:,}")
