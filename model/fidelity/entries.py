"""The entries of a golden file: read strictly, and one that cannot be read is lost alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from model.fidelity.report import Finding, Unreadable

NOT_AS_SAID = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
    MemoryError,
)


def apart(file: str, label: str, judge: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield what a judge finds of one entry, or that the entry cannot be read; others are none the worse for it."""
    try:
        found = list(judge())
    except NOT_AS_SAID as error:
        yield Unreadable(file=file, vector=label, reason=reason(error))
    else:
        yield from found


def label_of(entry: Any, place: int) -> str:
    """Return the name of an entry, or its place where it has none."""
    return str(entry["id"]) if isinstance(entry, dict) and "id" in entry else f"entry {place}"


def reason(error: BaseException) -> str:
    """Return why something cannot be judged; a bare KeyError says no more than the missing name."""
    if isinstance(error, KeyError):
        return f"does not follow its schema: {error.args[0]!r} is missing"
    if isinstance(error, ValueError):
        return str(error)
    return f"does not follow its schema ({type(error).__name__}: {error})"


def whole_number(name: str, value: Any) -> int:
    """Return a whole number; ValueError for anything else, a text of digits too."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} must be a whole number, is {_shown(value)}")
    return value


def listed(name: str, values: Any) -> list[Any]:
    """Return a list; ValueError for anything else, an empty text or table too, which would pass for an empty list."""
    if not isinstance(values, list):
        raise ValueError(f"{name} must be a list, is {_shown(values)}")
    return values


def whole_numbers(name: str, values: Any) -> list[int]:
    """Return a list of whole numbers; ValueError for anything else."""
    return [whole_number(f"{name}[{place}]", value) for place, value in enumerate(listed(name, values))]


def flag(name: str, value: Any) -> bool:
    """Return true or false, also of 1 and 0; ValueError for anything else."""
    if value not in (True, False) or isinstance(value, float):
        raise ValueError(f"{name} must be true or false, is {_shown(value)}")
    return bool(value)


def without_text(name: str, value: Any) -> None:
    """Raise ValueError where a text stands among numbers, so that nothing multiplies it, or reads its digits."""
    if isinstance(value, str):
        raise ValueError(f"{name} must be a number, is {_shown(value)}")
    if isinstance(value, dict):
        for key, part in value.items():
            without_text(f"{name}.{key}", part)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            without_text(f"{name}[{place}]", part)


def tolerance(vector: dict[str, Any], *, exact: bool) -> Any:
    """Return the tolerance a vector states for an arithmetic: a number, or a list or names of them."""
    name = "tol" if exact or "tol_float64" not in vector else "tol_float64"
    stated = vector[name]
    without_text(name, stated)
    if stated is None or isinstance(stated, bool):
        raise ValueError(f"{name} must be a number, is {stated!r}")
    return stated


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
