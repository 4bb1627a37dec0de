"""What a knob of the sandbox page is: the field that it turns, what it is called, how it is written."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from agents.registry import Registry
from model.scenario import scenario_file
from model.scenario.scenario import Scenario

LARGEST_TYPED = 2**53 - 1  # a browser knows no larger whole numbers
MOST_STEPS = 1_000  # of a slider that is finer than its knob
MOST_DECIMALS = 6  # of a share or an amount that no slider fits
PERCENT, PERCENT_DECIMALS = "percent", 2  # what a browser writes of a percentage


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """A widget for the field at `path`: a slider for a number, a list for a name, a switch for yes or no.

    A path that ends in `{capability}` stands for one knob for each capability.

    high, low, step : range and grid of a slider; a value outside widens it
    number : how it is written, in the manner of printf, or "percent"
    typed : the number is typed in, as its range is too wide for a slider; its unit stands in the label
    choices : registry or names of what can be chosen
    text : what a choice is called on the page, where not by its name
    """

    path: str
    label: str
    help: str
    high: float = 1.0
    step: float = 0.01
    low: float = 0.0
    number: str = "%.2f"
    typed: bool = False
    choices: Registry[Any] | tuple[str, ...] = ()
    text: tuple[tuple[str, str], ...] = ()

    def expanded(self, capabilities: tuple[str, ...]) -> tuple["Knob", ...]:
        """This knob, or one for each capability."""
        if "{capability}" not in self.path:
            return (self,)
        texts = ("path", "label", "help")
        return tuple(
            replace(self, **{name: getattr(self, name).replace("{capability}", one) for name in texts})
            for one in capabilities
        )

    def names(self) -> tuple[str, ...]:
        """Names that can be chosen."""
        return self.choices.names() if isinstance(self.choices, Registry) else self.choices

    def full_help(self) -> str:
        """Help with the default behind it."""
        default = scenario_file.value_at(DEFAULTS, self.path)
        return f"{self.help} Default: {self.written(default)}." if isinstance(default, str | int | float) else self.help

    def written(self, value: str | int | float) -> str:
        """Value as the knob writes it."""
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, str):
            return dict(self.text).get(value, value.replace("_", " "))
        return _written(self.number, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How a widget shows a number such that it shows no other: a browser puts a slider on the nearest step.

    step : of the slider, or of the buttons of the field
    number : how it is written
    unit : of a field that takes the place of the slider, which has no grid for the number; else empty
    """

    step: float
    number: str
    unit: str = ""


def scale_of(knob: Knob, low: float, high: float, value: float) -> Scale:
    """The knob's own scale if `value` lies on it and is written in full, or else a finer one, or else a field."""
    exact, decimals = Decimal(repr(value)), _decimals(value)
    if knob.typed:
        return Scale(step=knob.step, number=_with_decimals(knob.number, decimals))
    for step in (knob.step, 10.0**-decimals):
        fine = step == knob.step or (high - low) / step <= MOST_STEPS
        shown = knob.number != PERCENT or decimals <= PERCENT_DECIMALS + 2
        if fine and shown and (exact - Decimal(repr(low))) % Decimal(repr(step)) == 0:
            return Scale(step=step, number=_with_decimals(knob.number, max(decimals, _decimals(step))))
    unit = "share" if knob.number == PERCENT else knob.number.partition(" ")[2]
    return Scale(step=knob.step, number=f"%.{decimals}f", unit=unit or "number")


def _decimals(value: float) -> int:
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return min(max(-int(exponent), 0), MOST_DECIMALS)


def _with_decimals(number: str, least: int) -> str:
    """A way of writing numbers with at least so many decimals; percentages have their own."""

    def longer(found: re.Match[str]) -> str:
        decimals = max(int(found[1] or 0), least)
        return f"%.{decimals}f" if decimals else found[0]

    return re.sub(r"%(?:\.(\d+)f|d)", longer, number)


def _written(number: str, value: float) -> str:
    if number == PERCENT:
        return f"{100 * value:.3g} %"
    return number % (int(value) if "%d" in number else value)


DEFAULTS = scenario_file.to_tree(Scenario())
