"""The part of the form in which a sweep is built: a scenario, what varies in it and how, and what is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from model.experiments.sweeps.spec.factors import LINEAR, LOG, Factor
from model.experiments.sweeps.spec.outcomes import OVER, Outcome
from model.experiments.sweeps.spec.spec import (
    GRID,
    HEADLINE,
    LATIN_HYPERCUBE,
    MORRIS,
    ONE_AT_A_TIME,
    RANDOM,
    SAMPLED,
    SOBOL,
    ZIP,
    Spec,
)
from model.pages.knobs.knob import Knob
from model.pages.sweep import fields
from model.pages.wording import plain_name
from model.scenario import scenario_file
from model.wording import plain

FIRST_FACTORS = ("reward.pay_parameters.decisiveness", "miners.skill_sd")
MOST_FACTORS, MOST_POINTS, MOST_LEVELS = 12, 4_096, 50
DESIGN = {
    GRID: "Grid: every value with every other",
    ONE_AT_A_TIME: "One at a time: the others stay at their first",
    ZIP: "In step: first values together, then second ones",
    LATIN_HYPERCUBE: "Latin hypercube: points spread evenly",
    RANDOM: "Random points",
    SOBOL: "Sobol: which factor makes it vary, and how much",
    MORRIS: "Morris: which of many factors matter",
}
OVER_LABEL = {"last": "at the end", "mean": "mean of all", "min": "least", "max": "largest", "sum": "sum of all"}
VALUES, RANGE = "Values", "Range"
KEPT: dict[str, Any] = {"persist_state": "session"}  # the form is as it was when one comes back to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What stands in the form.

    trouble : what is wrong with the first factor that is none; empty if all are
    """

    scenario: str
    design: str
    size: Mapping[str, Any]
    factors: tuple[Factor, ...]
    outcomes: tuple[Outcome, ...]
    trouble: str


def draw() -> Given:
    """Draw the form, whole whatever stands in it."""
    shipped = list(scenario_file.shipped())
    left, right = st.columns([1, 1.5])
    preset = left.selectbox(
        "Scenario", shipped, shipped.index(Spec().scenario), key="sweep scenario", format_func=plain_name,
        help="What does not vary is as it is there. Default: speed or quality.", **KEPT,
    )  # fmt: skip
    design = right.selectbox(
        "Design", list(DESIGN), key="sweep design", format_func=DESIGN.__getitem__,
        help="How values are combined. Default: a grid.", **KEPT,
    )  # fmt: skip
    scenario, tree = fields.base_of(preset)
    knobs = fields.sweepable(tree, scenario.capabilities)
    chosen = st.multiselect(
        "What varies", list(knobs), [path for path in FIRST_FACTORS if path in knobs], key=f"sweep factors {preset}",
        max_selections=MOST_FACTORS, format_func=lambda path: knobs[path].label,
        help="Fields of the scenario that take several values. Default: two.", **KEPT,
    )  # fmt: skip
    factors, trouble = [], ""
    for path in chosen:
        try:
            factors.append(_draw_factor(tree, path, knobs[path], f"{preset} {path}", design))
        except ValueError as error:
            trouble = trouble or str(error)
    size = _draw_size(design, any(not factor.values for factor in factors))
    return Given(
        scenario=preset, design=design, size=size, factors=tuple(factors), outcomes=_draw_outcomes(), trouble=trouble
    )


def spec_of(given: Given, **repeats: Any) -> Spec:
    """The sweep that was built; a ValueError says why it is none."""
    if given.trouble:
        raise ValueError(given.trouble)
    return Spec(
        name=given.scenario,
        scenario=given.scenario,
        design=given.design,
        factors=given.factors,
        outcomes=given.outcomes,
        **given.size,
        **repeats,
    )


def _draw_factor(tree: Mapping[str, Any], path: str, knob: Knob, key: str, design: str) -> Factor:
    """One row of the form: a field, and the values or the range that it takes."""
    words, way, what = st.columns([2, 1.5, 3], vertical_alignment="center")
    words.markdown(plain(knob.label), help=knob.full_help())
    start = fields.first_values(tree, path, knob)
    if not fields.is_number(tree, path):
        values = what.multiselect(
            knob.label, start, start, key=f"sweep values {key}", format_func=knob.written,
            label_visibility="collapsed", help=knob.full_help(), **KEPT,
        )  # fmt: skip
        if not values:
            raise ValueError(f"values of {knob.label} must be one or more, are none")
        return Factor(path=path, values=tuple(values))
    if _takes_range(way, key, design):
        return _draw_range(what, path, knob, key, fields.is_whole(tree, path), (min(start), max(start)))
    text = what.text_input(
        knob.label, ", ".join(f"{one:g}" for one in start), key=f"sweep text {key}", max_chars=400,
        label_visibility="collapsed", help="Numbers with commas between them; a share of 0.1 is 10 %.", **KEPT,
    )  # fmt: skip
    return Factor(path=path, values=fields.numbers(text, knob, fields.is_whole(tree, path)))


def _takes_range(place: Any, key: str, design: str) -> bool:
    """Whether a number takes all values of a range; drawn points do unless told otherwise."""
    offered = [RANGE] if design in (SOBOL, MORRIS) else [VALUES, RANGE]
    first = RANGE if design in SAMPLED else VALUES
    mode = place.segmented_control(
        "Values or range", offered, default=first, key=f"sweep mode {key} {len(offered)} {first}", required=True,
        label_visibility="collapsed", help="Single values, or everything between two ends.", **KEPT,
    )  # fmt: skip
    return bool(mode == RANGE)


def _draw_range(place: Any, path: str, knob: Knob, key: str, whole: bool, start: tuple[Any, Any]) -> Factor:
    with place.container(horizontal=True, gap="small", vertical_alignment="center"):
        low, high = (
            st.number_input(
                f"{end} {knob.label}", value=value, key=f"sweep {end} {key}", format="%d" if whole else "%g",
                step=1 if whole else knob.step, width=120, label_visibility="collapsed",
                help=f"{end} end of the range, included. Default: {value:g}.", **KEPT,
            )
            for end, value in zip(("Lower", "Upper"), start, strict=True)
        )  # fmt: skip
        log = st.toggle("log", key=f"sweep log {key}", help="Equal ratios, not equal steps. Default: off.", **KEPT)
    return Factor(path=path, low=float(low), high=float(high), whole=whole, scale=LOG if log else LINEAR)


def _draw_size(design: str, has_ranges: bool) -> dict[str, Any]:
    """Points and levels, where the design has them."""
    size: dict[str, Any] = {}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        if design == SOBOL:
            powers = [2**power for power in range(2, MOST_POINTS.bit_length())]
            size["n_points"] = st.selectbox(
                "Points", powers, powers.index(64), key="sweep sobol points", width=130,
                help="Drawn points; each makes as many runs as there are factors, and two. Default: 64.", **KEPT,
            )  # fmt: skip
            size["second_order"] = st.toggle(
                "Pairs of factors", key="sweep pairs",
                help="What two factors do beyond each alone, for almost twice the runs. Default: off.", **KEPT,
            )  # fmt: skip
        elif design in SAMPLED:
            points = st.number_input(
                "Walks" if design == MORRIS else "Points", 1, MOST_POINTS, 20, key="sweep points", width=130,
                help="Drawn by chance; a walk of Morris moves each factor once. Default: 20.", **KEPT,
            )  # fmt: skip
            size["n_points"] = int(points)
        if design == MORRIS or (has_ranges and design not in SAMPLED):
            levels = st.number_input(
                "Values of a range", 2, MOST_LEVELS, 4, 2 if design == MORRIS else 1, key="sweep levels", width=150,
                help="Evenly from end to end; an even number for Morris. Default: 4.", **KEPT,
            )  # fmt: skip
            size["levels"] = int(levels)
    return size


def _draw_outcomes() -> tuple[Outcome, ...]:
    left, right = st.columns([3, 1])
    chosen = left.multiselect(
        "What is kept", fields.measures(), [one.measure for one in HEADLINE], key="sweep outcomes",
        format_func=fields.measure_label, help="Numbers that each run leaves. Default: eight.", **KEPT,
    )  # fmt: skip
    over = right.selectbox(
        "Of the epochs", list(OVER), key="sweep over", format_func=OVER_LABEL.__getitem__,
        help="Which epochs make the number. Default: the last.", **KEPT,
    )  # fmt: skip
    return tuple(Outcome(measure=measure, over=over) for measure in chosen)
