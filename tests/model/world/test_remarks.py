"""What a scenario says in vain is told in a sentence."""

import pytest

from model.scenario import scenario_file
from model.scenario.scenario import Scenario
from model.world.remarks import remarks


def told(**values):
    given = {name.replace("__", "."): value for name, value in values.items()}
    return remarks(scenario_file.with_values(Scenario(), given))


@pytest.mark.parametrize("name", scenario_file.shipped())
def test_all_that_a_shipped_scenario_says_counts(name):
    assert remarks(scenario_file.find(name)) == ()


def test_a_share_that_is_no_seat_is_told():
    mix = {"honest": 0.99, "cheater": 0.01}
    assert told(miners__mix=mix, subnets__n_miners=16) == (
        "miners.mix gives cheater a share of 0.01, which among 16 miners of a subnet is nobody",
    )
    assert told(miners__mix=mix, subnets__n_miners=100) == ()
    both = told(miners__mix=mix, subnets__n_miners=16, registration__n_waiting=10)
    assert [sentence.partition("among ")[2] for sentence in both] == [
        "16 miners of a subnet is nobody",
        "10 who wait is nobody",
    ]
    assert len(told(miners__mix=mix, subnets__n_miners=16, registration__n_waiting=100)) == 1
    assert told(miners__mix=mix | {"speed": 0.0, "cheater": 0.01}, subnets__n_miners=200) == ()
    (sentence,) = told(validators__mix={"honest": 0.9, "lazy": 0.1}, subnets__n_validators=4)
    assert sentence == "validators.mix gives lazy a share of 0.1, which among 4 validators is nobody"


def test_parameters_that_nobody_plays_are_told():
    assert told(miners__parameters={"cheater": {"claim_factor": 3.0}}) == (
        "miners.parameters.cheater has no effect: miners.mix has no cheater",
    )
    assert told(miners__parameters={"best_response": {"damping": 0.5}}) == ()


@pytest.mark.parametrize(
    "values", [{"mix": {"follow_yield": 1.0}}, {"parameters": {"loyal": {}}}, {"parameters": {"follow_yield": {}}}]
)
def test_nominators_strategies_without_nominators_are_told(values):
    given = {f"nominators__{name}": value for name, value in values.items()}
    sentence = "nominators.mix and nominators.parameters have no effect while nominators.count is 0"
    assert told(**given) == (sentence,)
    assert sentence not in told(**given, nominators__count=3)


def test_newcomers_without_a_way_in_are_told():
    small = {"subnets__n_validators": 2, "subnets__n_miners": 8, "registration__n_waiting": 9}
    (sentence,) = told(**small, registration__newcomers=1.0)
    assert sentence.startswith("registration.newcomers never find a uid: ")
    assert sentence.endswith("more than 10 uids that are not immune, and here it has 10")
    assert told(**small) == ()
    assert told(**small | {"subnets__n_miners": 9}, registration__newcomers=1.0) == ()
    assert told(**small, registration__newcomers=1.0, registration__open_uids=1) == ()
    assert told(**small, registration__newcomers=1.0, miners__broke_below_tao=1.0) == ()


def test_audits_without_auditors_are_told():
    assert told(reward__audit_rate=0.3, validators__mix={"weight_copier": 0.5, "lazy": 0.5}) == (
        "reward.audit_rate has no effect: of the validators' strategies (lazy, weight_copier) none audits",
    )
    assert told(reward__audit_rate=0.3) == ()
    assert told(validators__mix={"weight_copier": 1.0}) == ()


def test_a_strategy_of_the_cartel_that_nobody_plays_is_told():
    mix = {"cheater-x": 0.5, "honest": 0.5}
    (sentence,) = told(miners__mix=mix, cartel__strategies=["cheater-y"])
    assert sentence == "cartel.strategies names cheater-y, which no miner and no validator plays"
    assert told(miners__mix=mix, cartel__strategies=["cheater"]) == ()
    assert told(miners__mix={"honest": 1.0}) == ()
