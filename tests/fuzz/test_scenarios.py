"""Scenarios and parameters from anywhere: played with finite, conserved results, or refused by the field's name."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from odd import ANYTHING, FIELDS, accepted, fuzz, near, play, refused_or
from scenarios import scenario_of, worlds

from agents.registry import Registry, annotations
from model.economy import Economy
from model.scenario.catalogue import REGISTRIES
from model.scenario.people import STRATEGIES
from model.scenario.scenario_file import loads, to_tree, value_at

SMALL = scenario_of({})
DEFAULT = to_tree(SMALL)
LARGEST_PLAYED = 50_000  # weights; larger networks are only made
RULES = {"score": "reward.score", "pay shape": "reward.pay", "emission rule": "emission.rule"}
RULE_PARAMETERS = {
    "score": "reward.score_parameters", "pay shape": "reward.pay_parameters", "emission rule": "emission.parameters",
}  # fmt: skip
SECTIONS = {registry.kind: section for section, registry in STRATEGIES.items()}
ENTRIES = [(registry, name) for registry in REGISTRIES for name in registry.names() if annotations(registry.get(name))]
TAKEN = {path: accepted(path, SMALL) for path in FIELDS if not path.startswith("subnets.")} | {
    "subnets.count": [1, 2, 3], "subnets.n_validators": [1, 2, 5],
    "subnets.n_miners": [1, 2, 9], "subnets.age_blocks": [0, 10**9],
}  # fmt: skip


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    """A small world, with one to four fields at values near their own or anywhere."""
    values = draw(worlds() | st.just({}))
    paths = draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=4, unique=True))
    taken = draw(st.sampled_from([True, True, True, False]))
    for path in paths:
        odd = near(value_at(DEFAULT, path)) | ANYTHING
        values = values | {path: draw(st.sampled_from(TAKEN[path]) if taken and TAKEN[path] else odd)}
    return values


def made(values: dict[str, Any]) -> Economy | None:
    scenario = scenario_of(values)
    size = scenario.subnets.count * scenario.subnets.n_validators * scenario.subnets.n_uids
    crowd = scenario.nominators.count * scenario.subnets.count + scenario.registration.n_waiting
    return Economy(scenario) if size + crowd <= LARGEST_PLAYED else None


@fuzz(60)
@given(changed())
def test_a_scenario_is_played_or_refused(values: dict[str, Any]) -> None:
    economy = refused_or(lambda: made(values))
    if economy is not None:
        play(economy)


@fuzz(100)
@given(st.data())
def test_a_parameter_is_played_or_refused(data: st.DataObject) -> None:
    registry, name = data.draw(st.sampled_from(ENTRIES))
    given_values = data.draw(parameters(registry, name))
    economy = refused_or(lambda: made(playing(registry, name, given_values)), [*given_values, "parameter", "nested"])
    if economy is not None:
        play(economy)


@st.composite
def parameters(draw: st.DrawFn, registry: Registry[Any], name: str) -> dict[str, Any]:
    """One or more parameters of an entry, near their defaults or anything."""
    defaults = registry.defaults(name)
    chosen = draw(st.lists(st.sampled_from(sorted(defaults)), min_size=1, max_size=3, unique=True))
    return {one: draw(near(defaults[one]) | ANYTHING) for one in chosen}


def playing(registry: Registry[Any], name: str, given_values: dict[str, Any]) -> dict[str, Any]:
    """A world in which the entry plays with these parameters."""
    if registry.kind in RULES:
        return {RULES[registry.kind]: name, RULE_PARAMETERS[registry.kind]: given_values}
    section = SECTIONS[registry.kind]
    return {f"{section}.mix": {name: 1.0}, f"{section}.parameters": {name: given_values}, "nominators.count": 2}


@fuzz(60)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_bytes_are_a_scenario_or_refused(data: bytes) -> None:
    refused_or(lambda: loads(data, "mine.toml"), ["mine.toml"])
