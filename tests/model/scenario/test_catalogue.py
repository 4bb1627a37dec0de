"""The catalogue tells what registries, docstrings and comments say, to the last parameter and field."""

from dataclasses import dataclass

import pytest

from model.scenario.catalogue import (
    REGISTRIES,
    Parameter,
    comments,
    entries,
    fields_of,
    found_in,
    scenario_fields,
    sections,
    unit_of,
)
from model.scenario.measure_examples import GROUPS, explained
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import with_values


@dataclass(frozen=True, kw_only=True)
class Said:
    """Three ways to say what a field means."""

    # what it costs,
    # in full
    price_tao: float = 1.0  # at the start
    table: tuple[float, ...] = (
        1.0,
        2.0,
    )  # one for each
    plain: bool = True


def test_every_entry_of_every_registry_is_told_with_its_source() -> None:
    found = entries()
    assert [(one.kind, one.name) for one in found] == [(r.kind, name) for r in REGISTRIES for name in r.names()]
    assert [one.name for one in found if not one.summary or not one.source] == []


def test_parameters_are_told_from_docstrings_and_from_comments() -> None:
    found = {one.name: {p.name: p for p in one.parameters} for one in entries()}
    assert found["cheater"]["claim_factor"] == Parameter(
        name="claim_factor", default="3", unit="", meaning="Claimed over true output, >= 1."
    )
    assert found["hill_gate"]["burn"].meaning == "price shares count what is left of miner pay"
    assert found["cheater"]["spend_share"].unit == "share, 0 to 1"


def test_emission_rules_say_when_they_were_in_force() -> None:
    status = {one.name: one.status for one in entries()}
    assert status["price_ema"] == "historic: February 2025 to November 2025"
    assert status["honest"] == ""


def test_comments_above_beside_and_after_a_field_are_read() -> None:
    assert comments(Said) == {"price_tao": "what it costs, in full at the start", "table": "one for each"}
    assert fields_of(Said(), "a.")[0] == Parameter(
        name="a.price_tao", default="1", unit="TAO", meaning="what it costs, in full at the start"
    )


def test_every_field_of_a_scenario_is_listed_under_the_path_that_sets_it() -> None:
    found = {field.name: field for field in scenario_fields()}
    for path in found:
        with pytest.raises(ValueError, match="must") as raised:
            with_values(Scenario(), {path: object()})
        assert "no field" not in str(raised.value)
    assert found["consensus.kappa"].meaning == "stake share that must support a weight"
    assert found["market.price_tao_per_alpha"].unit == "TAO per alpha"
    assert set(sections()) == {name.partition(".")[0] for name in found if "." in name}


@pytest.mark.parametrize(
    ("name", "unit"),
    [("stake_tao", "TAO"), ("price_tao_per_alpha", "TAO per alpha"), ("tempo_blocks", "blocks"), ("seed", "")],
)
def test_a_unit_is_the_end_of_a_name(name: str, unit: str) -> None:
    assert unit_of(name) == unit


def test_a_search_finds_all_words_in_any_case_and_order() -> None:
    assert found_in("PRICE burn", "the rule price_burn")
    assert found_in("price_burn", "price and burn? price burn")
    assert found_in("", "anything")
    assert not found_in("price gate", "price_burn")


def test_measures_are_explained_by_values_that_the_theory_states() -> None:
    value = {one.name: list(one.value.values()) for one in explained()}
    assert list(GROUPS) == ["all equal", "one a bit ahead", "one well ahead", "one has all"]
    assert value["Gini coefficient"] == pytest.approx([0, 1 / 6, 0.4, 0.75])
    assert value["Herfindahl-Hirschman index"] == pytest.approx([0.25, 0.375, 0.325, 1])
    assert value["Nakamoto coefficient"] == [3, 2, 2, 1]
    assert value["Theil index"] == pytest.approx([0, 0.058892, 0.276364, 1.386294], abs=1e-6)
    assert all(one.meaning for one in explained())
