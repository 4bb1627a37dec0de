"""Interventions, links and sweeps from anywhere: played with finite results, or refused by a name."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from odd import ANYTHING, FIELDS, NAMES, TEXTS, accepted, fuzz, near, play, refused_or
from scenarios import scenario_of

from model.economy import Economy
from model.experiments.sweeps.execution.work import EconomyTask
from model.experiments.sweeps.spec.points import points
from model.experiments.sweeps.spec.spec import DESIGN_NAMES, Spec
from model.experiments.sweeps.spec.spec_file import dumps, parse_spec, spec_of
from model.experiments.watch import UNWATCHED
from model.pages.limits import check_size
from model.pages.sandbox.recipe import from_query
from model.scenario.interventions import Intervention, parse_intervention
from model.scenario.scenario_file import shipped, to_tree, value_at

SMALL = scenario_of({"epochs": 4})
DEFAULT = to_tree(SMALL)
TAKEN = {path: accepted(path, SMALL) for path in FIELDS}
PATHS = st.sampled_from(FIELDS) | st.sampled_from([*FIELDS, "", ".", "a.b", "reward", "chain.", "é", "\x00"])
SPEC_NAMES = [*NAMES, "factors", "points", "design", "levels", "outcome", "stop", "values", "field", "sweep", "measure"]
SMALL_SWEEP = {"values": {"subnets.count": 1, "subnets.n_validators": 2, "subnets.n_miners": 3}, "epochs": 2}


@st.composite
def values(draw: st.DrawFn) -> tuple[str, Any]:
    """A path and a value for it: one that it takes, one near it, or anything."""
    path = draw(PATHS)
    odd = near(value_at(DEFAULT, path)) | ANYTHING
    return path, draw(st.sampled_from(TAKEN[path]) | odd if TAKEN.get(path) else odd)


@fuzz(60)
@given(st.lists(st.tuples(st.integers(-1, 4) | ANYTHING, st.lists(values(), max_size=3)), max_size=3))
def test_interventions_are_played_or_refused(changes: list[tuple[Any, list[tuple[str, Any]]]]) -> None:
    def planned() -> Economy:
        return Economy(SMALL, interventions=[Intervention(epoch=epoch, values=dict(new)) for epoch, new in changes])

    economy = refused_or(planned, [*NAMES, "epoch", "path", "field"])
    if economy is not None:
        play(economy, SMALL.epochs)


@fuzz(60)
@given(st.text(max_size=60) | st.tuples(st.integers(0, 3), PATHS, TEXTS).map(lambda part: "{}:{}={}".format(*part)))
def test_an_option_is_an_intervention_or_refused(text: str) -> None:
    refused_or(lambda: parse_intervention(text), [*NAMES, "--at", "path", "field", "epoch"])


@fuzz(40)
@given(
    st.sampled_from([*shipped(), "", "../x", "/etc/passwd"]),
    st.dictionaries(PATHS | st.just("epochs"), st.lists(TEXTS | ANYTHING.map(str), min_size=1), max_size=3),
    st.lists(TEXTS | st.tuples(st.integers(0, 3), values()).map(lambda part: f"{part[0]}:{part[1][0]}={part[1][1]}"),
             max_size=2),
)  # fmt: skip
def test_a_link_is_played_or_refused(preset: str, query: dict[str, list[str]], edits: list[str]) -> None:
    def followed() -> Economy | None:
        recipe = from_query({"preset": [preset], **query, "at": edits})
        check_size(recipe.scenario)
        small = recipe.scenario.subnets.count * recipe.scenario.subnets.n_uids <= 2_000
        return Economy(recipe.scenario, interventions=recipe.interventions) if small else None

    economy = refused_or(followed, [*NAMES, "preset", "--at", "path", "field", "epoch", "page"])
    if economy is not None:
        play(economy)


FACTOR = st.one_of(
    st.lists(ANYTHING, max_size=3),
    st.fixed_dictionaries({}, optional={"low": ANYTHING, "high": ANYTHING, "scale": TEXTS, "whole": ANYTHING}),
    st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda ends: {"low": min(ends), "high": max(ends)}),
    st.just([0.1, 0.5]),
    ANYTHING,
)
MEASURES = st.sampled_from(["users_value", "reward_gini_participant", "nothing", "", "x" * 300]) | ANYTHING
TREES = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXTS,
        "scenario": TEXTS | st.just("gamed"),
        "factors": st.dictionaries(PATHS, FACTOR, max_size=2) | ANYTHING,
        "points": st.lists(st.dictionaries(PATHS, ANYTHING, max_size=2), max_size=2) | ANYTHING,
        "design": st.sampled_from(DESIGN_NAMES) | ANYTHING,
        "n_points": st.sampled_from([1, 2, 4]) | ANYTHING,
        "levels": st.sampled_from([2, 3, 4]) | ANYTHING,
        "replicates": st.sampled_from([1, 2]) | ANYTHING,
        "second_order": ANYTHING,
        "seed": ANYTHING,
        "outcomes": st.lists(MEASURES | st.fixed_dictionaries({"measure": MEASURES, "over": TEXTS}), max_size=2),
        "stop": st.fixed_dictionaries({"measure": MEASURES, "above": ANYTHING}) | ANYTHING,
        "odd": ANYTHING,
    },
)


@fuzz(60)
@given(TREES, st.booleans())
def test_a_sweep_is_played_or_refused(tree: dict[str, Any], small: bool) -> None:
    def asked() -> tuple[Spec, EconomyTask]:
        spec = spec_of({"scenario": "gamed"} | tree | SMALL_SWEEP if small else tree)
        return spec, EconomyTask(spec)

    made = refused_or(asked, [*SPEC_NAMES, *tree])
    if made is None:
        return
    spec, task = made
    assert parse_spec(dumps(spec).encode()).digest() == spec.digest()
    if small and spec.n_runs <= 10_000:
        first = points(spec)[0]
        refused_or(lambda: task(first, UNWATCHED), [*SPEC_NAMES, *first.values])
