"""Tasks that know no economy, in a module that spawned processes can import: quick, slow, failing, deadly, hanging."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.experiments.sweeps.spec.outcomes import Result


@dataclass(frozen=True)
class Planted:
    """A sum of the point's values and its seed, after a while; some points misbehave.

    failing, deadly, hanging, quitting : numbers of points that raise, kill their process, never end, call exit
    endless : numbers that never end by themselves, but look at their watch
    deadly_once : numbers that kill their process the first time; `notes` remembers, in files
    """

    seconds: float = 0.0
    failing: tuple[int, ...] = ()
    deadly: tuple[int, ...] = ()
    deadly_once: tuple[int, ...] = ()
    hanging: tuple[int, ...] = ()
    quitting: tuple[int, ...] = ()
    endless: tuple[int, ...] = ()
    n_series: int = 0
    notes: Path | None = None

    def __call__(self, point, watch):
        if self.notes is not None:
            with (self.notes / f"{point.number}").open("a") as file:
                file.write("x")
        time.sleep(self.seconds)
        self._misbehave(point.number, watch)
        total = sum(float(value) for value in point.values.values()) + point.seed % 1000 / 7
        series = {"y_series": total + np.arange(self.n_series) / 3} if self.n_series else {}
        return Result(row={"y": total, "label": f"point {point.number % 7}"}, series=series, epochs_played=3)

    def _misbehave(self, number, watch):
        if number in self.failing:
            raise ZeroDivisionError(f"planted at {number}")
        if number in self.quitting:
            raise SystemExit(3)
        first = self.notes is None or (self.notes / f"{number}").stat().st_size == 1
        if number in self.deadly or (number in self.deadly_once and first):
            os.kill(os.getpid(), signal.SIGKILL)
        while number in self.hanging:
            time.sleep(0.01)
        while number in self.endless:
            time.sleep(0.01)
            watch.look("no end is near")
