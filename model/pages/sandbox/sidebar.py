"""The knobs of the sandbox as the sidebar shows them: the master first, then tabs by subject."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from model.charts.pay_curve import pay_chart, pay_table
from model.charts.theme import Theme
from model.pages.knobs import table as knob_table
from model.pages.knobs.knob import LARGEST_TYPED, Knob, scale_of
from model.pages.knobs.rules import PARAMETERS, STRATEGY_PARAMETERS
from model.pages.sandbox import settings
from model.pages.sandbox.live_run import LiveRun
from model.reward_rules import PAYS
from model.scenario.people import STRATEGIES
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import PARAMETERS_OF, RULES, to_tree, value_at

PICTURE_HEIGHT = 150
HERO = Knob(
    path="", label="What do you reward?", high=100, step=1, number="%d %% speed",
    help="Moves reward between quality and speed; both keep their sum. In per cent; default: the preset's.",
)  # fmt: skip


def draw(run: LiveRun, scenario: Scenario, theme: Theme) -> None:
    """All knobs of `scenario`, the one that the run plays; those that are folded away are not sent to the browser."""
    hero = _draw_hero(scenario)
    unfolded: dict[str, bool] = st.session_state.setdefault("sections unfolded", {})  # while another tab is open, too
    tabs = st.tabs(list(knob_table.SECTIONS), key="knob tabs", on_change="rerun")
    for (title, sections), tab in zip(knob_table.SECTIONS.items(), tabs, strict=True):
        if not tab.open:
            continue
        with tab:
            if title == "Reward":
                _draw_reward(run, scenario, theme)
            for position, (name, section) in enumerate(sections.items()):
                unfolded.setdefault(name, title != "Reward" and position == 0)
                with st.expander(name, unfolded[name], key=f"section {name}", on_change="rerun") as box:
                    unfolded[name] = bool(box.open)
                    if box.open:
                        _draw_section(scenario, name, [knob for knob in section if knob.path != hero])
    settings.note_drawn()


def _draw_hero(scenario: Scenario) -> str:
    """The one knob on top that the scenario is about; its path."""
    path = knob_table.HERO_OF.get(scenario.name, "")
    found = next((knob for knob in knob_table.all_knobs() if knob.path == path), None)
    if not found and not {"speed", "quality"} <= set(scenario.capabilities):
        return ""
    with st.container(border=True, key="hero"):
        if found:
            _draw(found)
        else:
            _slider(HERO, settings.MASTER)
            st.html('<div class="poles"><span>← reward quality</span><span>reward speed →</span></div>')
    return path


def _draw_section(scenario: Scenario, name: str, section: list[Knob]) -> None:
    for kind in knob_table.MIXES_OF.get(name, ()):
        _draw_mix(scenario, kind)
    for family in section:
        for knob in family.expanded(scenario.capabilities):
            _draw(knob)
            if knob.path in PARAMETERS_OF:
                _draw_parameters(scenario, knob.path)


def _draw_reward(run: LiveRun, scenario: Scenario, theme: Theme) -> None:
    for knob in knob_table.WEIGHT.expanded(scenario.capabilities):
        _draw(knob)
    score, pay = st.columns(2)
    with score:
        _draw(knob_table.SCORE)
    with pay:
        _draw(knob_table.PAY)
    for rule in ("reward.score", "reward.pay"):
        _draw_parameters(scenario, rule)
    _draw_picture(run, scenario, theme)


def _draw_picture(run: LiveRun, scenario: Scenario, theme: Theme) -> None:
    """What a score earns under the pay shape, against the miners of subnet 0 as the last epoch scored them."""
    st.markdown("**What does a score earn?** :gray[:small[share of pay]]")
    parameters = {
        name: value[0] if isinstance(value, tuple) else value for name, value in scenario.reward.pay_parameters.items()
    }
    field = run.field_of_scores()
    if len(field) < 2:
        st.caption("A subnet's only miner earns all of its pay.")
        return
    table = pay_table(PAYS.build(scenario.reward.pay, parameters), field[1:])
    chart = pay_chart(table, len(field), theme)
    st.vega_lite_chart(chart.data, chart.spec, key="chart pay", height=PICTURE_HEIGHT, theme=None, alt=chart.alt)


def _draw_parameters(scenario: Scenario, rule: str) -> None:
    """Sliders of the rule's parameters."""
    tree = to_tree(scenario)
    defaults = RULES[rule].defaults(value_at(tree, rule))
    for name in settings.parameters_of(tree, rule):
        knob = PARAMETERS[name]
        _slider(knob, f"{PARAMETERS_OF[rule]}.{name}", f"{knob.help} Default: {knob.written(defaults[name])}.")


def _draw_mix(scenario: Scenario, section: str) -> None:
    """Which strategies play, in which parts, and what they are built with."""
    registry = STRATEGIES[section]
    names = knob_table.playable(section, getattr(scenario, section).mix)
    path = f"{section}.mix"
    start, key = settings.start_of(path), settings.key_of(path)
    st.multiselect(
        f"Who plays: {section}", names, start, key=key, placeholder="choose strategies",
        format_func=lambda name: name.replace("_", " "), on_change=settings.take, args=(path, key),
        help="Strategies in the field, in the parts below. A change starts a new run. Default: the preset's.",
    )  # fmt: skip
    for name in settings.by_path()[path].value:
        text = (registry.get(name).__doc__ or "").strip().splitlines()
        knob = Knob(
            path="", label=f"Part of {name.replace('_', ' ')}", high=100, step=1, number="%d",
            help=f"{text[0] if text else name} In parts of the whole; default: the preset's.",
        )  # fmt: skip
        _slider(knob, f"{path}.{name}")
        if name in getattr(scenario, section).mix:
            _draw_strategy(f"{section}.parameters.{name}", registry.defaults(name))


def _draw_strategy(path: str, defaults: Mapping[str, Any]) -> None:
    """Sliders of a strategy's parameters."""
    for name, default in defaults.items():
        if name in STRATEGY_PARAMETERS:
            knob = STRATEGY_PARAMETERS[name]
            _slider(knob, f"{path}.{name}", f"{knob.help} Default: {knob.written(default)}.")


def _draw(knob: Knob) -> None:
    """Widget that fits the knob's value."""
    start, key = settings.start_of(knob.path), settings.key_of(knob.path)
    if knob.choices:
        names = knob.names()
        st.selectbox(
            knob.label, names, names.index(start), key=key, help=knob.full_help(),
            format_func=knob.written, on_change=settings.take, args=(knob.path, key),
        )  # fmt: skip
    elif isinstance(start, bool):
        st.toggle(knob.label, start, key=key, help=knob.full_help(), on_change=settings.take, args=(knob.path, key))
    else:
        _slider(knob, knob.path, knob.full_help())


def _slider(knob: Knob, path: str, about: str = "") -> None:
    """Slider or field for a number; a note where the scenario has one for each subnet, miner or capability."""
    start, key = settings.start_of(path), settings.key_of(path)
    if not isinstance(start, int | float):
        each = "capability" if isinstance(start, dict) else "subnet"
        st.caption(f"{knob.label}: set for each {each} by the scenario.")
        return
    if abs(start) > LARGEST_TYPED:
        st.caption(f"{knob.label}: {start:,} by the scenario.")
        return
    number: Callable[[float], Any] = int if isinstance(start, int) else float
    low, high = min(number(knob.low), start), max(number(knob.high), start)
    scale = scale_of(knob, float(low), float(high), float(start))
    texts: dict[str, Any] = {"key": key, "help": about or knob.help, "on_change": settings.take, "args": (path, key)}
    if knob.typed or scale.unit:
        label = f"{knob.label} ({scale.unit})" if scale.unit else knob.label
        st.number_input(label, low, high, start, number(scale.step), format=scale.number, **texts)
    else:
        st.slider(knob.label, low, high, start, number(scale.step), format=scale.number, **texts)
