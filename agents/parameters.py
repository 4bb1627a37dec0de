"""Checks of a strategy's parameters: each failure is one sentence with the name, the rule and the value."""


def within(name: str, value: float, low: float, high: float, *, above: bool = False) -> None:
    """Pass if `value` lies in [low, high], or in (low, high] if `above`; otherwise a ValueError.

    Parameters
    ----------
    name : str
        As the sentence should call it: "tau of logit".
    """
    if not low <= value <= high or (above and value == low):
        raise ValueError(f"{name} must lie in {'(' if above else '['}{low:g}, {high:g}], is {value!r}")


def whole_within(name: str, value: int, low: int, high: int) -> None:
    """Pass if `value` is a whole number in [low, high]; otherwise a ValueError."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} must be a whole number in [{low}, {high}], is {value!r}")
