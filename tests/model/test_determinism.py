"""The same scenario and seed give the same bytes; another seed does not."""

import numpy as np
import pytest

from model.economy import Economy
from model.experiments.runs.run import run
from model.records.export import csv_bytes
from model.scenario.scenario_file import find, shipped, with_values

SHORT = {"epochs": 4}


def files(economy):
    """CSV of every table, by name."""
    return {name: csv_bytes(frame) for name, frame in economy.tables().items()}


@pytest.mark.parametrize("name", [name for name in shipped() if name != "full-network"])
def test_two_runs_of_a_seed_are_the_same_to_the_byte(name):
    scenario = with_values(find(name), SHORT)
    assert files(run(scenario, 11)) == files(run(scenario, 11))


@pytest.mark.parametrize("name", ["gamed", "speed-or-quality"])
def test_another_seed_is_another_run(name):
    scenario = with_values(find(name), SHORT)
    one, other = files(run(scenario, 1)), files(run(scenario, 2))
    assert all(one[table] != other[table] for table in ("epochs", "subnets", "strategies", "uids"))


def test_the_seed_of_the_scenario_is_the_seed_of_the_run():
    scenario = with_values(find("gamed"), SHORT | {"seed": 8})
    assert files(run(scenario)) == files(run(with_values(scenario, {"seed": 9}), 8))
    assert run(scenario).run_seed == 8


def test_numpys_global_generator_has_no_part_in_it():
    scenario = with_values(find("gamed"), SHORT)
    np.random.seed(1)  # noqa: NPY002
    one = files(run(scenario))
    np.random.seed(2)  # noqa: NPY002
    assert files(run(scenario)) == one


def votes(n_miners, n_nominators):
    """Weights that three noisy validators give the miners of the first epoch, (subnet, validator, miner)."""
    economy = Economy(
        "gamed",
        subnets__count=2,
        subnets__n_validators=3,
        subnets__n_miners=n_miners,
        nominators__count=n_nominators,
        miners__mix={"honest": 1.0},
    )
    economy.step()
    return economy.state.weight[:, :, 3:]


def test_an_arrival_leaves_the_measurements_of_all_others_alone():
    few, many = votes(5, 1), votes(6, 2)
    assert few.std(axis=1).min() > 0
    ratio_few, ratio_many = (weight[:, :, :5] / weight[:, :, :1] for weight in (few, many))
    assert ratio_many == pytest.approx(ratio_few, rel=1e-9)
