"""The economy as Mesa sees it: batch runs, the data collector, agents, and no use of what is on its way out."""

import gc
import inspect
import pickle
import warnings
import weakref

import mesa
import numpy as np
import pytest

from agents.participant import Participant
from model.economy import Economy
from model.records import agent_table

SMALL = {"scenario": "gamed", "subnets__count": 2, "subnets__n_miners": 6, "epochs": 3, "nominators__count": 2}
CARTEL = SMALL | {"scenario": "cartel", "subnets__count": 1}


@pytest.fixture
def economy():
    made = Economy(**SMALL)
    made.step()
    return made


def batch(parameters, seeds):
    """Rows of a batch run; newer versions of Mesa take seeds by themselves, older ones as a parameter."""
    options = {"number_processes": 1, "display_progress": False, "max_steps": 10}
    if "rng" in inspect.signature(mesa.batch_run).parameters:
        return mesa.batch_run(Economy, parameters=parameters, rng=seeds, **options)
    return mesa.batch_run(Economy, parameters=parameters | {"rng": seeds}, **options)


def test_batch_run_sweeps_flat_parameters_and_seeds():
    rows = batch(CARTEL | {"cartel__stake_share": [0.2, 0.3]}, [1, 2])
    assert len(rows) == 4
    assert sorted(row["cartel__stake_share"] for row in rows) == [0.2, 0.2, 0.3, 0.3]
    for row in rows:
        alone = Economy(**CARTEL, cartel__stake_share=row["cartel__stake_share"])
        while alone.running:
            alone.step()
        # The cartel scenario has neither noise nor skill, so the seed changes nothing.
        assert row["cartel_emission_share"] == alone.records.epochs.last("cartel_emission_share")[0]


def test_batch_run_gives_every_seed_its_own_run():
    rows = batch(SMALL, [1, 2, 3])
    assert len({row["users_value"] for row in rows}) == 3


@pytest.mark.skipif("rng" in inspect.signature(mesa.batch_run).parameters, reason="this Mesa seeds iterations itself")
def test_iterations_of_one_seed_are_equal_rows():
    rows = mesa.batch_run(Economy, parameters=SMALL, iterations=2, number_processes=1, display_progress=False)
    assert {row["iteration"] for row in rows} == {0, 1}
    assert len({row["users_value"] for row in rows}) == 1


def test_the_data_collector_has_a_row_for_each_epoch(economy):
    economy.step()
    collected = economy.datacollector.get_model_vars_dataframe()
    recorded = economy.records.epochs.frame()
    assert len(collected) == 2
    for name in collected.columns:
        assert collected[name].tolist() == pytest.approx(recorded[name].tolist(), nan_ok=True)


def test_every_participant_is_an_agent_with_its_role_and_its_money(economy):
    assert all(isinstance(agent, Participant) for agent in economy.agents)
    assert [agent.number for agent in economy.agents] == list(range(economy.population.n_participants))
    assert economy.agents.get("role") == economy.population.role.tolist()
    assert economy.agents.get("strategy") == economy.population.strategy.tolist()
    assert economy.agents.get("purse_tao") == pytest.approx(economy.state.purse_rao / 1e9)
    assert economy.agents.get("wealth_tao") == pytest.approx(economy.wealth_tao)
    assert all(type(agent.purse_tao) is float for agent in economy.agents)


def test_agents_can_be_selected_and_grouped(economy):
    miners = economy.agents.select(lambda agent: agent.role == "miner")
    assert len(miners) == 12
    assert {role: len(group) for role, group in economy.agents.groupby("role")} == {
        "owner": 2,
        "validator": 16,
        "nominator": 2,
        "miner": 12,
    }


def test_what_every_agent_earned_and_has_is_in_a_table_of_agents(economy):
    economy.step()
    table = economy.datacollector.get_agent_vars_dataframe()
    n_agents = economy.population.n_participants
    assert table.index.names == ["Step", "AgentID"]
    assert table.index.get_level_values("Step").unique().tolist() == [1, 2]
    last = table.loc[2]
    assert last.index.tolist() == economy.agents.get("unique_id")
    assert last["wealth_tao"].tolist() == economy.agents.get("wealth_tao")
    for column, amount in (("earned_tao", "reward"), ("stake_tao", "stake")):
        assert last[column].tolist() == economy.records.participant_tao[amount].tolist()
        assert last[column].sum() > 0
    assert len(table) == 2 * n_agents
    assert len(pickle.loads(pickle.dumps(economy)).datacollector.get_agent_vars_dataframe()) == len(table)


def test_a_table_of_agents_before_the_first_step_is_empty():
    table = Economy(**SMALL).datacollector.get_agent_vars_dataframe()
    assert len(table) == 0
    assert list(table) == ["earned_tao", "stake_tao", "wealth_tao"]


def test_a_world_of_many_agents_keeps_no_table_of_them_and_says_so(monkeypatch):
    monkeypatch.setattr(agent_table, "MOST_AGENTS", 10)
    economy = Economy(**SMALL)
    economy.step()
    with pytest.raises(ValueError, match=r"^agents' amounts are kept in worlds of <= 10 agents, there are 32; records"):
        economy.datacollector.get_agent_vars_dataframe()


def test_a_generator_gives_the_seed_that_is_played_and_kept():
    one, other, third = (Economy(**SMALL, rng=np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert one.run_seed == other.run_seed != third.run_seed
    assert 0 <= one.run_seed < 2**63
    again = Economy(**SMALL, rng=one.run_seed)
    for made in (one, again):
        made.step()
    assert one.records.epochs.frame().equals(again.records.epochs.frame())


def test_mesa_counts_the_epochs(economy):
    assert economy.steps == economy.epoch == 1


def test_a_pickled_economy_goes_on_to_the_same_bits(economy):
    copy = pickle.loads(pickle.dumps(economy))
    economy.step()
    copy.step()
    assert copy.records.epochs.frame().equals(economy.records.epochs.frame())
    assert copy.steps == economy.steps
    assert copy.agents.get("wealth_tao") == economy.agents.get("wealth_tao")


def test_nothing_that_is_on_its_way_out_is_used():
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        warnings.simplefilter("error", FutureWarning)
        warnings.simplefilter("error", PendingDeprecationWarning)
        economy = Economy(**SMALL, rng=3)
        economy.step()
        economy.tables()
        pickle.dumps(economy)


def test_an_economy_that_nobody_holds_is_gone():
    economy = Economy("gamed", subnets__count=1)
    economy.step()
    assert [agent.unique_id for agent in economy.agents] == list(range(1, economy.population.n_participants + 1))
    held = weakref.ref(economy)
    del economy
    gc.collect()
    assert held() is None
