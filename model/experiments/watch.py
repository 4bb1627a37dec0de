"""What a run looks at between two epochs: whether its time is over, and whether anybody still wants it."""

import time
from collections.abc import Callable


class StoppedError(Exception):
    """Somebody asked many runs to stop; the sentence says what is left of them."""


def never() -> bool:
    """False: nobody asks it to stop."""
    return False


class Watch:
    """Starts with a run.

    Parameters
    ----------
    seconds : float, optional
        Longest time that the run may take.
    stop : callable
        Whether the run is to stop; asked in this process alone.
    """

    def __init__(self, seconds: float | None = None, stop: Callable[[], bool] = never) -> None:
        self._seconds, self._stop = seconds, stop
        self._start = time.monotonic()

    def look(self, so_far: str) -> None:
        """Pass if the run may go on, which has come so far.

        Raises
        ------
        TimeoutError
            If its time is over.
        KeyboardInterrupt
            If the run is to stop.
        """
        if self._stop():
            raise KeyboardInterrupt(f"asked to stop: {so_far}")
        if self._seconds is not None and time.monotonic() - self._start > self._seconds:
            raise TimeoutError(f"took longer than {self._seconds:g} s: {so_far}")


UNWATCHED = Watch()  # a run that may take as long as it likes
