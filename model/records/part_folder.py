"""The folder beside its place in which an export is written, until it is whole.

Its writer holds a lock on it. A kill leaves the folder, but not the lock, so that the next one to write to the same
place knows that nobody needs it.
"""

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

RANDOM_BYTES = 6


def part_of(out: Path) -> Path:
    """A name beside `out` that nothing has yet."""
    return out.with_name(f".{out.name}.{secrets.token_hex(RANDOM_BYTES)}.part")


@contextmanager
def part_folder(out: Path) -> Iterator[Path]:
    """New folder beside `out`; it is gone afterwards unless it was renamed, and so is what killed writers left.

    Raises
    ------
    OSError
        If it can't be made.
    """
    part = part_of(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    _remove_remains(out)
    lock = -1
    try:
        part.mkdir()
        lock = os.open(part, os.O_RDONLY | os.O_CLOEXEC)
        with suppress(OSError):  # a file system that locks no folders: then no other writer takes it away either
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)
        if lock >= 0:
            os.close(lock)


def _remove_remains(out: Path) -> None:
    """Remove the folders that writers to `out` left who are gone; one whose lock can't be had is left alone."""
    name = re.compile(rf"\.{re.escape(out.name)}\.[0-9a-f]{{{2 * RANDOM_BYTES}}}\.part")
    with suppress(OSError):
        for entry in list(out.parent.iterdir()):
            if name.fullmatch(entry.name):
                with suppress(OSError):
                    _remove_unlocked(entry)


def _remove_unlocked(part: Path) -> None:
    lock = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(part, ignore_errors=True)
    finally:
        os.close(lock)
