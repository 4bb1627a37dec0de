"""What a sweep varies: fields of the scenario, over values or over a range."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ext import elementary
from model.bounds import one_of, shown, within
from model.scenario.frozen_map import FrozenMap

LINEAR, LOG = SCALES = ("linear", "log")
LEVER, UNCERTAINTY = KINDS = ("lever", "uncertainty")
RESERVED = ("seed", "epochs")  # fields that the sweep itself sets


def in_one_form(value: Any) -> Any:
    """Value as lists, tables and numbers of which 2 and 2.0 are the same: what digests and keys are made of."""
    if isinstance(value, Mapping):
        return {name: in_one_form(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [in_one_form(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def frozen(value: Any) -> Any:
    """Value with its lists as tuples, its tables as maps that never change, and NumPy's values as Python's."""
    if isinstance(value, np.generic | np.ndarray):
        return frozen(value.tolist())
    if isinstance(value, Mapping):
        return FrozenMap({name: frozen(part) for name, part in value.items()})
    return tuple(frozen(part) for part in value) if isinstance(value, tuple | list) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A field of the scenario that a sweep varies: over `values`, or over the range from `low` to `high`.

    path : dotted path of the field, such as "consensus.bonds_penalty"
    values : numbers, texts, true or false, lists, or tables; they differ
    low, high : ends of the range, both included; for a factor without values
    scale : "linear", or "log" for equal ratios instead of equal steps
    whole : whole numbers only
    kind : a "lever" of the designer, or an "uncertainty" of the world
    """

    path: str
    values: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    scale: str = LINEAR
    whole: bool = False
    kind: str = LEVER

    def __post_init__(self) -> None:
        check_path(self.path, "factors")
        for name in ("values", "low", "high", "whole"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        here = f"factors.{self.path!r}"
        one_of(f"{here}: scale", self.scale, SCALES)
        one_of(f"{here}: kind", self.kind, KINDS)
        if not self.values:
            self._check_range(here)
            return
        if (self.low, self.high, self.scale, self.whole) != (0.0, 0.0, LINEAR, False):
            raise ValueError(f"{here} must have values, or low and high with scale and whole, has both")
        _check_values(here, self.values)

    def _check_range(self, here: str) -> None:
        if (self.low, self.high) == (0.0, 0.0):
            raise ValueError(f"{here} must be a list of values to try, or have values or low and high, has none")
        for name, end in (("low", self.low), ("high", self.high)):
            if isinstance(end, float) and not math.isfinite(end):
                raise ValueError(f"{here}: {name} must be finite, is {end}")
            within(f"{here}: {name}", end, -math.inf)
        within(f"{here}: high", self.high, self.low, above=True)
        if not math.isfinite(self.high - self.low):
            raise ValueError(f"{here}: high - low must be finite, is {self.high:g} - {self.low:g}")
        if self.scale == LOG:
            within(f"{here}: low, on a log scale,", self.low, 0, above=True)
            if not math.isfinite(self.high / self.low):
                raise ValueError(f"{here}: high / low must be finite on a log scale, is {self.high:g} / {self.low:g}")
        if self.whole and not (float(self.low).is_integer() and float(self.high).is_integer()):
            raise ValueError(f"{here}: low and high must be whole numbers, are {self.low:g} and {self.high:g}")

    def at(self, share: float) -> Any:
        """Value at this share of the way from the first to the last, share in [0, 1]."""
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        # A whole number stands for the interval up to the next, so that all are equally likely.
        low, high = self.low, self.high + 1 if self.whole else self.high
        value = low * elementary.power(high / low, share) if self.scale == LOG else low + share * (high - low)
        return min(math.floor(value), int(self.high)) if self.whole else min(max(value, low), high)

    def place(self, value: Any) -> float:
        """Where one of its values lies on its way, as a share; the inverse of `at`, but each has one place."""
        if self.values:
            return self.values.index(value) / max(len(self.values) - 1, 1)
        if self.scale == LOG:
            return float(elementary.log(value / self.low) / elementary.log(self.high / self.low))
        return float((value - self.low) / (self.high - self.low))

    def levels(self, n_levels: int) -> tuple[Any, ...]:
        """The values, or for a range that many of them, evenly from end to end; fewer if whole numbers run out."""
        if self.values:
            return self.values
        exact = tuple(dict.fromkeys(self.at(level / (n_levels - 1)) for level in range(n_levels)))
        if self.whole:
            return exact
        # Without the dust of their sums, so that 0.3 is found as 0.3; the ends are as they were given.
        clean = (exact[0], *(float(f"{level:.15g}") for level in exact[1:-1]), exact[-1])
        return clean if len(set(clean)) == len(exact) else exact


def check_path(path: str, where: str) -> None:
    """Pass if it is a dotted path that a sweep may set; otherwise a ValueError."""
    if not all(path.split(".")):
        raise ValueError(f"{where} must name fields by dotted path, names {shown(path)}")
    if path in RESERVED:
        raise ValueError(f"{where} must not name {path}: it is a field of the sweep itself")


def _check_values(here: str, values: tuple[Any, ...]) -> None:
    seen: set[str] = set()
    for value in values:
        text = canonical(here, value)
        if text in seen:
            raise ValueError(f"{here} must hold different values, has {shown(value)} twice")
        seen.add(text)


def canonical(here: str, value: Any) -> str:
    """Text that equal values share."""
    try:
        json.dumps(in_one_form(value), ensure_ascii=False).encode()  # no file holds half a character
        return json.dumps(in_one_form(value), sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        rule = "must be finite numbers, texts, true or false, lists or tables"
        raise ValueError(f"{here} {rule}, is {shown(value)}") from error
