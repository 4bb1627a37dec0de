"""The two sides of a comparison: a shipped scenario each, and the knobs that change it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import streamlit as st

from agents.registry import Registry
from model.chain.consensus.mechanism import MECHANISMS
from model.chain.emission.shares import EMISSION_RULES
from model.pages.callback import whole
from model.pages.knobs.rules import PARAMETERS
from model.pages.knobs.table import PAY, SCORE
from model.pages.wording import plain_name, sentence
from model.reward_rules import PAYS, SCORES
from model.scenario import scenario_file
from model.scenario.scenario import Scenario
from model.wording import plain

FIRST_PRESET = "gamed"
FIRST_CHANGE = {("B", "reward.audit_rate"): 0.3}  # so that the first press has an answer of some interest
SLIDERS_IN_A_ROW = 5
AUDITS = "reward.audit_rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A rule that a side chooses by name; `parameters` is the field that goes back to defaults with another name."""

    label: str
    path: str
    registry: Registry[Any]
    help: str
    parameters: str = ""
    text: Mapping[str, str] = field(default_factory=dict)


CHOICES = (
    Choice(label="Pay", path="reward.pay", registry=PAYS, text=dict(PAY.text), parameters="reward.pay_parameters",
           help="Which share of the pay a score earns. Default: the scenario's."),
    Choice(label="Score", path="reward.score", registry=SCORES, text=dict(SCORE.text),
           parameters="reward.score_parameters", help="How capabilities make one score. Default: the scenario's."),
    Choice(label="Consensus", path="consensus.mechanism", registry=MECHANISMS,
           help="How validators' weights become incentive and dividend. Default: the scenario's."),
    Choice(label="Emission", path="emission.rule", registry=EMISSION_RULES, parameters="emission.parameters",
           help="Rule that shares the block's TAO among subnets. Default: the scenario's."),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What the knobs of a side say: a shipped scenario and what is changed in it."""

    preset: str
    values: Mapping[str, Any]
    scenario: Scenario

    @property
    def settings(self) -> list[str]:
        """The changes as they are written on the command line."""
        return [f"{path}={value}" for path, value in self.values.items()]


def draw_side(column: Any, name: str) -> Side | None:
    """One side as its knobs say; nothing, and a sentence on the screen, if they break a rule."""
    with column.container(border=True, key=f"side {name}"):
        shipped = list(scenario_file.shipped())
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            preset = st.selectbox(
                f"Scenario {name}", shipped, shipped.index(FIRST_PRESET), key=f"compare {name} preset",
                persist_state="session",
                format_func=plain_name, help="A ready-made experiment to start from. Default: Gamed.",
            )  # fmt: skip
            if name == "B":
                st.button("Same as A", icon=":material/content_copy:", on_click=copy_a, key="same as a",
                          help="Give B all settings of A. Two equal sides differ by exactly 0.")  # fmt: skip
        base = scenario_file.find(preset)
        values = _draw_choices(base, name) | _draw_sliders(base, name)
        try:
            return Side(preset=preset, values=values, scenario=scenario_file.with_values(base, values))
        except ValueError as error:
            st.error(f"{plain(sentence(error))}.", icon=":material/error:")
            return None


def _draw_choices(base: Scenario, side: str) -> dict[str, Any]:
    """Values by path of the rules that differ from the scenario's."""
    values: dict[str, Any] = {}
    columns = st.container(key=f"choices {side}").columns(len(CHOICES))
    for place, choice in zip(columns, CHOICES, strict=True):
        section, _, name = choice.path.partition(".")
        start, names = getattr(getattr(base, section), name), list(choice.registry.names())
        chosen = place.selectbox(
            choice.label, names, names.index(start), key=_key(side, base, choice.path),
            persist_state="session", help=choice.help,
            format_func=partial(_worded, choice.text),
        )  # fmt: skip
        if chosen != start:
            values[choice.path] = chosen
            if choice.parameters:
                values[choice.parameters] = {}
    return values


def _worded(text: Mapping[str, str], name: str) -> str:
    return text.get(name, name.replace("_", " "))


def _draw_sliders(base: Scenario, side: str) -> dict[str, Any]:
    """Values by path of the numbers that differ: weights, audits, and the parameters of the chosen pay."""
    reward = base.reward
    pay = st.session_state[_key(side, base, "reward.pay")]
    starts: dict[str, Any] = {f"reward.capability_weight.{name}": w for name, w in reward.capability_weight.items()}
    starts[AUDITS] = reward.audit_rate
    given = PAYS.defaults(pay) | (dict(reward.pay_parameters) if pay == reward.pay else {})
    starts |= {f"reward.pay_parameters.{name}": value for name, value in given.items() if name in PARAMETERS}
    values: dict[str, Any] = {}
    rows = st.container(key=f"numbers {side}")
    places = [place for _ in range(0, len(starts), SLIDERS_IN_A_ROW) for place in rows.columns(SLIDERS_IN_A_ROW)]
    for place, (path, start) in zip(places, starts.items(), strict=False):
        if isinstance(start, tuple):
            place.caption(f"{path.rpartition('.')[2]}: set for each subnet by the scenario.")
            continue
        value = _draw_slider(place, path, start, _key(side, base, f"{path} {pay}"), FIRST_CHANGE.get((side, path)))
        if value != start:
            values[path] = value
    return values


def _draw_slider(place: Any, path: str, start: float, key: str, first: float | None) -> float:
    name = path.rpartition(".")[2]
    if knob := PARAMETERS.get(name):
        about, (low, high, step) = knob.help, (knob.low, knob.high, knob.step)
    elif path == AUDITS:
        low, high, step = 0.0, 1.0, 0.05
        about = "Share of miners whose claim is checked in an epoch. Default: the scenario's; 0.3 in B of Gamed."
    else:
        name, (low, high, step) = f"{name} weight", (0.0, 1.0, 0.05)
        about = f"How much {name.split()[0]} counts in the score, against the others. Default: the scenario's."
    kind = int if isinstance(start, int) else float
    shown = first if first is not None and FIRST_PRESET in key else start
    chosen: float = place.slider(
        name.replace("_", " ").capitalize(),
        kind(min(low, start)),
        kind(max(high, start)),
        kind(shown),
        kind(step),
        key=key,
        persist_state="session",
        help=about,
    )
    return chosen


def _key(side: str, base: Scenario, path: str) -> str:
    """Key of a side's widget; another scenario has widgets of its own, which start from its values."""
    return f"compare {side} {base.name} {path}"


@whole
def copy_a() -> None:
    for key in [str(key) for key in st.session_state]:
        if key.startswith("compare A "):
            st.session_state[key.replace("compare A ", "compare B ", 1)] = st.session_state[key]
