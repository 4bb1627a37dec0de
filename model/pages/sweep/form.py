"""The form of a new sweep: a ready-made one, one built from the scenario's fields, or one from a file."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from model.charts.measure_label import label
from model.experiments.sweeps.spec import spec_file
from model.experiments.sweeps.spec.spec import Spec
from model.pages.knobs.knob import LARGEST_TYPED
from model.pages.limits import LONGEST_RUN_EPOCHS, MOST_REPLICATES, UPLOAD_MEGABYTES
from model.pages.sweep import build
from model.pages.sweep.build import DESIGN, KEPT
from model.pages.sweep.fields import factor_label, levels_in_words
from model.pages.sweep.runs import check_own
from model.pages.wording import plain_name
from model.scenario import scenario_file
from model.wording import plain

READY, BUILD, FILE = SOURCES = ("Ready-made", "Build your own", "From a file")
FIRST_READY = "decisiveness"


def draw() -> Spec:
    """The sweep that the form describes.

    Raises
    ------
    ValueError
        If what stands in it makes none.
    """
    source = st.segmented_control(
        "Sweep", SOURCES, default=READY, key="sweep source", required=True, label_visibility="collapsed", **KEPT
    )
    forms: dict[str, Callable[[], Spec]] = {READY: _ready, BUILD: _built, FILE: _filed}
    return forms[str(source)]()


def describe(spec: Spec) -> None:
    """Show the question of a sweep, what it varies and how, and what it keeps."""
    if spec.question:
        st.markdown(f"**{plain(spec.question)}**")
    rows = [f":gray[{plain(factor_label(one.path))}:] {plain(levels_in_words(one))}" for one in spec.factors]
    rows += [
        f":gray[Design:] {plain(DESIGN.get(spec.design, 'combinations named one by one'))}",
        f":gray[Scenario:] {plain(plain_name(spec.scenario))}",
        f":gray[What is kept:] {', '.join(plain(label(outcome.column)) for outcome in spec.outcomes)}",
    ]
    st.markdown("  \n".join(rows))


def _ready() -> Spec:
    shipped = spec_file.shipped()
    name = st.selectbox(
        "Ready-made sweep", list(shipped), list(shipped).index(FIRST_READY), key="sweep ready", format_func=plain_name,
        help="Comes with the sandbox. Default: decisiveness.", **KEPT,
    )  # fmt: skip
    spec = spec_file.read_spec(shipped[name])
    describe(spec)
    return replace(spec, **_draw_repeats(spec, name))


def _filed() -> Spec:
    file = st.file_uploader(
        "Sweep as a TOML file", "toml", key="sweep file", max_upload_size=UPLOAD_MEGABYTES,
        help=f"At most {UPLOAD_MEGABYTES} MB, such as the file to be had on the right.",
    )  # fmt: skip
    if file is None:
        raise ValueError("choose a file that describes a sweep")
    spec = spec_file.parse_spec(file.getvalue(), f"the file {file.name[:60]!r}")
    check_own(spec)
    describe(spec)
    return replace(spec, **_draw_repeats(spec, spec.digest()))


def _built() -> Spec:
    given = build.draw()
    start = Spec(scenario=given.scenario, replicates=3)
    return build.spec_of(given, **_draw_repeats(start, f"built {given.scenario}"))


def _draw_repeats(spec: Spec, key: str) -> dict[str, Any]:
    """Replicates, epochs and seed, which begin as the sweep has them."""
    with st.container(horizontal=True, gap="small"):
        replicates = st.number_input(
            "Replicates", 1, max(MOST_REPLICATES, spec.replicates), spec.replicates, key=f"sweep replicates {key}",
            width=130, help="Runs of each combination, each under its own seed; several give an interval. "
            f"Default: {spec.replicates}.", **KEPT,
        )  # fmt: skip
        own = spec.epochs or scenario_file.find(spec.scenario).epochs
        epochs = st.number_input(
            "Epochs", 1, max(LONGEST_RUN_EPOCHS, own), own, key=f"sweep epochs {key}", width=130,
            help=f"Length of a run; an epoch is 72 minutes on the chain. Default: {own}.", **KEPT,
        )  # fmt: skip
        seed = st.number_input(
            "Seed", 0, LARGEST_TYPED, min(spec.seed, LARGEST_TYPED), key=f"sweep seed {key}", width=130,
            help=f"Start of all random draws of the sweep. Default: {spec.seed}.", **KEPT,
        )  # fmt: skip
    # A seed too large to be typed stays what it is until another one is.
    chosen = spec.seed if seed == min(spec.seed, LARGEST_TYPED) else int(seed)
    return {"replicates": int(replicates), "epochs": int(epochs), "seed": chosen}
