"""What a knob of the sandbox page is: the field that it turns, what it is called, how it is written."""

from dataclasses import dataclass, replace
from typing import Any

from agents.registry import Registry
from model.scenario import scenario_file
from model.scenario.scenario import Scenario

LARGEST_TYPED = 2**53 - 1  # a browser knows no larger whole numbers


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


def _written(number: str, value: float) -> str:
    if number == "percent":
        return f"{100 * value:.3g} %"
    return number % (int(value) if "%d" in number else value)


DEFAULTS = scenario_file.to_tree(Scenario())
