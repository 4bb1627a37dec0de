"""Experiments of the verification battery as data: a TOML file each, with known answers and a placebo."""

import math
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_type_hints

from model import DATA_FOLDER
from model.bounds import no_such, one_of, shown, within
from model.scenario.design import PerSubnet
from model.scenario.frozen_map import FrozenMap
from model.scenario.scenario_file import from_tree, parse, read

BATTERY_FOLDER = DATA_FOLDER / "battery"
LARGEST_EXPERIMENT = 1000  # runs
ECONOMY, GUARANTEE = "economy", "guarantee"
MEASURED_ON = (ECONOMY, GUARANTEE)
Settings = FrozenMap[Any]
NO_SETTINGS: Settings = FrozenMap()
_PARTS = ("settings", "arms", "placebo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A setting to be found: where, between `low` and `high`, the outcome crosses the target.

    path : dotted path of the setting
    outcome : of one number, on either side of the target at the two ends
    """

    path: str
    low: float
    high: float
    outcome: str
    target: float = 0.0
    precision: float = 1e-5

    def __post_init__(self) -> None:
        within("root.high", self.high, self.low, above=True)
        within("root.precision", self.precision, 0, above=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One setting of an experiment and its known answers.

    name : of the arm
    settings : fields of the scenario by dotted path, on top of the experiment's; `pots_tao` sets the prices at which
        the miners' pots are worth that many TAO
    expected : known answers by outcome, one number or one for each entry; an outcome may carry an argument after "@"
    root : searched for, if the only outcome expected is "root"
    tolerance, relative_tolerance : of these answers; 0 and 0 keep the experiment's
    """

    name: str
    settings: Settings = NO_SETTINGS
    expected: FrozenMap[PerSubnet] = field(default_factory=FrozenMap)
    root: tuple[Root, ...] = ()
    tolerance: float = 0.0
    relative_tolerance: float = 0.0

    def __post_init__(self) -> None:
        if not self.expected:
            raise ValueError(f"arm {self.name!r} must have expected outcomes, has none")
        within(f"arm {self.name!r}: expected", self.expected, -math.inf)
        within(f"arm {self.name!r}: tolerance", self.tolerance, 0)
        within(f"arm {self.name!r}: relative_tolerance", self.relative_tolerance, 0, 1)
        if len(self.root) > 1 or (set(self.expected) == {"root"}) != bool(self.root):
            raise ValueError(f"arm {self.name!r} must expect the outcome 'root' alone and have one root, or neither")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placebo:
    """A deliberately broken variant: under these settings each of the arms named must miss its answers.

    arms : names of the arms it breaks; all of them when none is named
    """

    story: str
    settings: Settings = NO_SETTINGS
    arms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """Runs whose outcome is known beforehand.

    name, title, source : short name, what it shows, and where the answers come from
    number : place in the battery
    measured_on : the running economy, or the consensus kernel under the conditions of the published maps
    scenario : base scenario; settings go on top of it
    seeds : runs of each arm
    average_epochs : last epochs over which outcomes are averaged
    tolerance, relative_tolerance : largest error of the mean, absolute plus relative
    noisy : the outcome is drawn at random around the answer, so that it must also lie within 3.5 standard errors
    """

    name: str
    title: str
    source: str
    number: int
    arms: tuple[Arm, ...]
    placebo: Placebo
    measured_on: str = ECONOMY
    scenario: str = "speed-or-quality"
    settings: Settings = NO_SETTINGS
    seeds: int = 10
    average_epochs: int = 1
    tolerance: float = 0.0
    relative_tolerance: float = 0.0
    noisy: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.name):
            raise ValueError(f"name must be lower-case words joined by hyphens, is {shown(self.name)}")
        one_of("measured_on", self.measured_on, MEASURED_ON)
        within("number", self.number, 1, 1000)
        within("seeds", self.seeds, 1, LARGEST_EXPERIMENT)
        within("average_epochs", self.average_epochs, 1, 1_000_000)
        within("tolerance", self.tolerance, 0)
        within("relative_tolerance", self.relative_tolerance, 0, 1)
        names = [arm.name for arm in self.arms]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"arms must be one or more of different names, are {names}")
        for name in self.placebo.arms:
            one_of("placebo.arms", name, names)
        if not self.placebo.settings:
            raise ValueError("placebo.settings must change something, is empty")
        if len(self.arms) * self.seeds > LARGEST_EXPERIMENT:
            raise ValueError(f"an experiment must have <= {LARGEST_EXPERIMENT} runs, has {len(self.arms) * self.seeds}")

    def tolerance_of(self, arm: Arm, theory: float) -> float:
        """Largest error of the mean that counts as met."""
        own = arm if arm.tolerance or arm.relative_tolerance else self
        return own.tolerance + own.relative_tolerance * abs(theory)

    def settings_of(self, arm: Arm, *, placebo: bool) -> dict[str, Any]:
        """Settings of an arm's runs, by dotted path."""
        return {**self.settings, **arm.settings, **(self.placebo.settings if placebo else {})}

    def placebo_arms(self) -> tuple[Arm, ...]:
        """Arms that the placebo must break."""
        return tuple(arm for arm in self.arms if not self.placebo.arms or arm.name in self.placebo.arms)


def shipped(folder: Path = BATTERY_FOLDER) -> list[Experiment]:
    """Experiments that come with the sandbox, by number."""
    return sorted((read_experiment(path) for path in sorted(folder.glob("*.toml"))), key=lambda one: one.number)


def find(names: tuple[str, ...], known: list[Experiment]) -> list[Experiment]:
    """The known experiments of these names; all of them when none is named.

    Raises
    ------
    ValueError
        If a name is not known.
    """
    have = [one.name for one in known]
    for name in names:
        if name not in have:
            raise ValueError(no_such("experiment", name, have))
    return [one for one in known if not names or one.name in names]


def read_experiment(path: Path) -> Experiment:
    """Experiment in the TOML file at `path`.

    Raises
    ------
    ValueError
        If it can't be read or a field breaks its rule; the sentence names the file.
    """
    source = f"experiment file {path}"
    tree = parse(read(path, "experiment"), source)
    try:
        return _experiment(tree)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{source}: {str(error).splitlines()[0]}") from error


def _experiment(tree: dict[str, Any]) -> Experiment:
    """Experiment in plain data. Settings hold any field of a scenario, which checks them when it is built."""
    arms = tree.pop("arms", [])
    placebo = tree.pop("placebo", {})
    if not isinstance(arms, list) or not all(isinstance(arm, dict) for arm in arms):
        raise ValueError(f"arms must be a list of tables, is {shown(arms)}")
    if not isinstance(placebo, dict) or not placebo:
        raise ValueError(f"placebo must be a table with a story and settings, is {shown(placebo)}")
    settings = _settings(tree, "settings")
    arm_settings = [_settings(arm, "arms.settings") for arm in arms]
    placebo_settings = _settings(placebo, "placebo.settings")
    for required in ("name", "title", "source", "number"):
        if required not in tree:
            raise ValueError(f"{required} must be given, is missing")
    for arm in arms:
        if "name" not in arm:
            raise ValueError("arms.name must be given, is missing")
    if "story" not in placebo:
        raise ValueError("placebo.story must be given, is missing")
    # What holds settings is built apart from them, and put together at the end.
    broken = replace(from_tree(Placebo, placebo, "placebo"), settings=placebo_settings)
    built = tuple(
        replace(from_tree(Arm, arm, "arms"), settings=given) for arm, given in zip(arms, arm_settings, strict=True)
    )
    hints = {name: kind for name, kind in get_type_hints(Experiment).items() if name not in _PARTS}
    for name in tree:
        if name not in hints:
            raise ValueError(no_such("field", name, [*hints, *_PARTS]))
    rest = {name: from_tree(hints[name], value, name) for name, value in tree.items()}
    return Experiment(arms=built, placebo=broken, settings=settings, **rest)


def _settings(tree: dict[str, Any], path: str) -> Settings:
    given = tree.pop("settings", {})
    if not isinstance(given, dict):
        raise ValueError(f"{path} must be a table of dotted paths, is {shown(given)}")
    return FrozenMap(given)
