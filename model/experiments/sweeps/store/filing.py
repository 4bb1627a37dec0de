"""How results get from a sweep's ledger into its parts, and out of those that were lost: nothing is lost or doubled."""

from pathlib import Path

from model.experiments.sweeps.store import parts
from model.experiments.sweeps.store.ledger import Ledger


def file_away(folder: Path, ledger: Ledger, part_runs: int) -> None:
    """Move results to parts of so many runs: each is whole on the disk before the ledger lets go of them."""
    while held := ledger.held(part_runs):
        number = 1 + max(ledger.parts(), default=-1)
        sha256 = parts.write_part(parts.part_path(folder, number), held)
        with ledger.transaction():
            ledger.file_away([result.key for result in held], number, sha256)


def take_up(folder: Path, ledger: Ledger, replay_lost: bool) -> None:
    """Go on with what an earlier process left, killed or not, runs that failed by the machine among it.

    Parameters
    ----------
    replay_lost : bool
        Runs whose results lay in parts that are missing or were changed are pending again; otherwise a StoreError.
    """
    sha256 = ledger.parts()
    if not replay_lost:
        parts.check_parts(folder, sha256)
    lost = parts.lost_parts(folder, sha256) if replay_lost else []
    with ledger.transaction():
        for number in lost:
            ledger.put_back_part(number)
        ledger.put_back()
        ledger.put_back_unlucky()
    parts.remove_orphans(folder, set(sha256) - set(lost))
