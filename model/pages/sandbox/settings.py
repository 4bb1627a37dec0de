"""What the knobs say: a visitor's settings by dotted path, brought in line with a scenario and read back from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from model.pages.callback import whole
from model.pages.knobs import table
from model.pages.knobs.rules import PARAMETERS, STRATEGY_PARAMETERS
from model.scenario import scenario_file
from model.scenario.interventions import Intervention
from model.scenario.people import STRATEGIES
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import PARAMETERS_OF, RULES, value_at

MASTER = "speed against quality"
WEIGHTS = ("reward.capability_weight.speed", "reward.capability_weight.quality")
NEW_PART = 25  # of a strategy that has just been chosen; in parts


@dataclass(slots=True)
class Setting:
    """What a knob says. A value set by the program gets a widget of its own, by a new `generation` in its key.

    While a run plays, the browser sends all widgets' values several times a second, old ones too: under the same key
    they would undo what the program set a moment ago.
    """

    value: Any
    start: Any
    generation: int = 0


def follow(scenario: Scenario) -> None:
    """Set every knob to what `scenario` says, unless that is the one they were matched with last."""
    if st.session_state.get("knobs match") == scenario:
        return
    for path, value in flat(scenario).items():
        put(path, value)
    follow_weights()
    match(scenario)


def settle(scenario: Scenario) -> None:
    """Take over what the knobs' own edit has made of `scenario`, a new rule's parameters for one.

    The parts of a mix stay as they were set, whatever they sum to.
    """
    for path, value in flat(scenario).items():
        if ".mix." not in path:
            put(path, value)
    follow_weights()
    match(scenario)


def match(scenario: Scenario | None) -> None:
    """Note that the run has the scenario that the knobs say; None to have them all set anew."""
    st.session_state["knobs match"] = scenario


def read(scenario: Scenario) -> dict[str, Any]:
    """Values by dotted path in which the knobs differ from `scenario`; the mixes as shares that sum to 1.

    Raises
    ------
    ValueError
        If a mix is empty.
    """
    shown = {path: setting.value for path, setting in by_path().items()}
    known = flat(scenario)
    changed = {path: value for path, value in shown.items() if path in known and value != known[path]}
    values = {path: value for path, value in changed.items() if ".mix" not in path}
    for section in dict.fromkeys(path.partition(".mix")[0] for path in changed if ".mix" in path):
        mix = _shares(section, shown)
        if mix != _rounded(getattr(scenario, section).mix):
            values[f"{section}.mix"] = mix
    for rule, parameters in PARAMETERS_OF.items():
        if rule in values:  # the knobs still show the old rule's; chosen again, a rule starts with its defaults
            values = {path: value for path, value in values.items() if not path.startswith(f"{parameters}.")}
            values[parameters] = {}
    if values.get("market.kind") == "fixed_price":
        values["market.demand_tao"] = 0.0
    if "subnets.count" in values:
        values |= resized(scenario, values["subnets.count"])
    return values


def needs_new_run(scenario: Scenario, values: Mapping[str, Any]) -> bool:
    """Whether a run can't take these values while it plays."""
    if scenario.market.kind == "pool" and "market.price_tao_per_alpha" in values:
        return True
    try:
        Intervention(epoch=0, values=values)
    except ValueError:
        return True
    return False


def resized(scenario: Scenario, n_subnets: int) -> dict[str, Any]:
    """Lists with one number per subnet, by path, stretched or squeezed to `n_subnets`; largest stays largest."""
    values: dict[str, Any] = {}
    for path, listed in scenario.per_subnet().items():
        if isinstance(listed, tuple) and all(isinstance(number, float) for number in listed):
            place = np.linspace(0, len(listed) - 1, n_subnets)
            values[path] = np.interp(place, np.arange(len(listed)), listed).tolist()
    return values


def by_path() -> dict[str, Setting]:
    """This visitor's knobs by path."""
    held: dict[str, Setting] = st.session_state.setdefault("knobs", {})
    return held


def key_of(path: str) -> str:
    """Key of the widget that now shows the knob at `path`."""
    return f"knob {path} {by_path()[path].generation}"


def start_of(path: str) -> Any:
    """Value with which the knob's widget begins; one that comes onto the page begins anew with what the knob says.

    So does one that comes back with the whole page from another: Streamlit has forgotten what it said.
    """
    setting = by_path()[path]
    if path not in drawn() or key_of(path) not in st.session_state:
        setting.start, setting.generation = setting.value, setting.generation + 1
    st.session_state.setdefault("knobs being drawn", set()).add(path)
    return setting.start


def note_drawn() -> None:
    """Note that the sidebar is complete: what has not been drawn since the last time is folded away."""
    st.session_state["knobs drawn"] = st.session_state.pop("knobs being drawn", set())


def drawn() -> set[str]:
    """Paths of the knobs on the page, as it was when it was last complete."""
    found: set[str] = st.session_state.get("knobs drawn", set())
    return found


def put(path: str, value: Any) -> None:
    """Set a knob by program: a new widget with this value takes the place of one that says something else."""
    known = by_path().get(path)
    if known is None or known.value != value or type(known.value) is not type(value):
        by_path()[path] = Setting(value, value, known.generation + 1 if known else 0)


@whole
def take(path: str, key: str) -> None:
    """Note what the visitor set, and let the knobs that show the same thing follow.

    A widget that has been replaced says nothing. Nor does one that is folded away: that it falls back to its start, or
    that a browser still reports it, is not the visitor's doing.
    """
    if path not in drawn() or key != key_of(path) or key not in st.session_state:
        return
    by_path()[path].value = st.session_state[key]
    if path == MASTER:
        _follow_master()
    elif path in WEIGHTS:
        follow_weights()
    elif path.endswith(".mix"):
        for name in by_path()[path].value:
            put(f"{path}.{name}", by_path()[f"{path}.{name}"].value or NEW_PART)


def flat(scenario: Scenario) -> dict[str, Any]:
    """Value of every knob by path, as its widget holds it."""
    tree = scenario_file.to_tree(scenario)
    paths = [knob.path for family in table.all_knobs() for knob in family.expanded(scenario.capabilities)]
    shown = {path: value_at(tree, path) for path in paths}
    for rule, parameters in PARAMETERS_OF.items():
        shown |= {f"{parameters}.{name}": value for name, value in parameters_of(tree, rule).items()}
    for section, registry in STRATEGIES.items():
        mix = tree[section]["mix"]
        names = table.playable(section, mix)
        shown[f"{section}.mix"] = [name for name in names if mix.get(name, 0.0) > 0]
        shown |= {f"{section}.mix.{name}": _part(mix.get(name, 0.0)) for name in names}
        for name in shown[f"{section}.mix"]:
            given = registry.defaults(name) | tree[section]["parameters"].get(name, {})
            shown |= {
                f"{section}.parameters.{name}.{parameter}": value
                for parameter, value in given.items()
                if parameter in STRATEGY_PARAMETERS
            }
    return shown


def parameters_of(tree: Mapping[str, Any], rule: str) -> dict[str, Any]:
    """Parameters of the score, pay shape or emission rule in a scenario's tree that have a knob, with their values."""
    given = value_at(tree, PARAMETERS_OF[rule])
    values = RULES[rule].defaults(value_at(tree, rule)) | given
    return {name: value for name, value in values.items() if name in PARAMETERS}


def follow_weights() -> None:
    """Put the master where the weights of speed and quality are."""
    speed, quality = (by_path()[path].value if path in by_path() else None for path in WEIGHTS)
    if isinstance(speed, float) and isinstance(quality, float) and speed + quality > 0:
        put(MASTER, round(100 * speed / (speed + quality)))
    elif MASTER not in by_path():
        put(MASTER, 50)


def _follow_master() -> None:
    """Share the weight of speed and quality as the master says."""
    total = sum(by_path()[path].value for path in WEIGHTS) or 1.0
    speed = round(total * by_path()[MASTER].value / 100, 4)
    for path, weight in zip(WEIGHTS, (speed, round(total - speed, 4)), strict=True):
        put(path, weight)


def _shares(section: str, shown: Mapping[str, Any]) -> dict[str, float]:
    parts = {name: shown[f"{section}.mix.{name}"] for name in shown[f"{section}.mix"]}
    total = sum(parts.values())
    if total <= 0:
        raise ValueError(f"at least one strategy of the {section} must have a part above 0")
    return _rounded({name: part / total for name, part in parts.items() if part > 0})


def _part(share: float) -> float:
    """Share as parts of a hundred: a whole number where it is one."""
    part = round(100 * share, 10)
    return int(part) if part == int(part) else part


def _rounded(mix: Mapping[str, float]) -> dict[str, float]:
    return {name: round(share, 12) for name, share in mix.items()}
