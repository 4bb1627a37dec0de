"""One epoch after another: edges, interventions, and what each step leaves behind."""

import pickle
import threading

import numpy as np
import pandas as pd
import pytest

from model import economy as economy_module
from model.economy import Economy
from model.scenario.interventions import Intervention
from model.scenario.scenario_file import find, with_values

ONE = {"subnets__count": 1, "subnets__n_validators": 1, "subnets__n_miners": 1, "nominators__count": 0}
WEIGHTS = {"reward.capability_weight": {"speed": 1.0, "quality": 0.0, "storage": 0.0}}


def played(name="gamed", epochs=3, **values):
    economy = Economy(name, **values)
    for _ in range(epochs):
        economy.step()
    return economy


def last(economy, name):
    return economy.records.epochs.last(name)[0]


# Edges: nothing here may raise, warn, or leave the books unbalanced (`step` checks them).


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "values",
    [
        ONE,
        ONE | {"market__kind": "fixed_price", "market__demand_tao": 0.0},
        {"miners__mix": {"colluding": 1.0}, "validators__mix": {"colluding": 1.0}},
        {"validators__mix": {"weight_copier": 1.0}},
        {"miners__purse_tao": 0.0},
        {"miners__budget_tao": 0.0},
        {"validators__stake_alpha": 0.0, "nominators__count": 0},
        {"chain__initial_issuance_tao": 21_000_000.0},
        {"chain__owner_cut_share": 1.0},
        {"market__price_tao_per_alpha": 1e-300, "market__kind": "fixed_price", "market__demand_tao": 0.0},
        {"market__tao_reserve_tao": 0.001, "market__outstanding_alpha": 0.0},
        {"reward__capability_weight": {"speed": 1000.0, "quality": 1000.0, "storage": 0.0}},
        {"reward__pay_parameters": {"decisiveness": 500.0}, "miners__mix": {"best_response": 0.5, "colluding": 0.5}},
        {
            "reward__audit_rate": 1.0,
            "reward__detection_share": 1.0,
            "reward__fine_tao": 2e7,
            "reward__exclusion_epochs": 10_000_000,
        },
        {"emission__eligible": False},
        {"emission__enabled": False},
        {"owners__burn_share": 1.0},
        {"cartel__stake_share": 0.0, "validators__mix": {"honest": 0.5, "colluding": 0.5}},
    ],
)
def test_a_world_at_its_edge_keeps_its_books(values):
    economy = played(**values)
    assert economy.epoch == 3
    assert np.isfinite(economy.wealth_tao).all()
    assert (economy.wealth_tao >= 0).all()


def test_the_only_miner_takes_the_whole_pot():
    economy = played(**ONE, miners__mix={"honest": 1.0})
    assert economy.state.incentive_share.tolist() == [[0.0, 1.0]]
    assert economy.state.dividend_share.tolist() == [[1.0, 0.0]]


def test_nobody_who_has_no_money_spends_any():
    economy = played(miners__purse_tao=0.0, epochs=1)
    assert last(economy, "spend_tao") == 0
    assert last(economy, "users_value") == 0


@pytest.mark.parametrize(("purse_tao", "budget_tao", "most_tao"), [(0.5, 0.2, 0.2), (0.3, 9.0, 0.3)])
def test_miners_spend_no_more_than_purse_and_budget(purse_tao, budget_tao, most_tao):
    economy = played(
        "speed-or-quality",
        epochs=1,
        miners__purse_tao=purse_tao,
        miners__budget_tao=budget_tao,
        market__price_tao_per_alpha=10.0,
    )
    spent_tao = (economy.state.resource * economy.population.unit_cost_tao).sum(axis=2)
    assert spent_tao[:, economy.rules.scenario.subnets.n_validators :] == pytest.approx(most_tao)


def test_a_purse_of_millions_is_spent_to_the_last_rao_and_not_beyond():
    economy = played(
        "speed-or-quality",
        epochs=3,
        subnets__count=1,
        subnets__n_miners=1,
        miners__mix={"honest": 1.0},
        miners__unit_cost_tao={"speed": 0.07, "quality": 0.011, "storage": 0.3},
        miners__purse_tao=10_987_654.321,
        market__price_tao_per_alpha=1e6,
    )
    assert last(economy, "spend_tao") > 0


def test_a_miner_that_is_always_caught_earns_nothing():
    economy = played(
        miners__mix={"honest": 0.5, "cheater": 0.5},
        reward__audit_rate=1.0,
        reward__detection_share=1.0,
        reward__fine_tao=0.25,
        reward__exclusion_epochs=1,
        epochs=2,
    )
    table = economy.records.strategies.frame().set_index(["epoch", "role", "strategy"])
    assert table.loc[(1, "miner", "cheater"), "earned_tao"] == 0
    caught = economy.records.epochs.frame()["caught"]
    assert caught.tolist() == [16 * 24, 0]  # who is barred rests, and claims nothing
    assert economy.records.epochs.frame()["burned_tao"].iloc[0] == pytest.approx(0.25 * 16 * 24)
    unaudited = played(miners__mix={"honest": 0.5, "cheater": 0.5}, epochs=2)
    earned = unaudited.records.strategies.frame(last=1).set_index("strategy")["earned_tao"]
    assert earned["cheater"] > 0


def test_the_run_ends_after_its_epochs():
    economy = Economy("gamed", epochs=2, subnets__count=1)
    lived = []
    while economy.running:
        economy.step()
        lived.append(economy.epoch)
    assert lived == [1, 2]


def test_no_two_arrays_of_the_state_are_the_same_memory_after_some_epochs():
    state = played(nominators__count=3, reward__audit_rate=0.5, subnets__count=2).state
    held = [(name, getattr(state, name)) for name in type(state).__slots__]
    arrays = [(name, array) for name, array in held if isinstance(array, np.ndarray)]
    for index, (name, array) in enumerate(arrays):
        shared = [other for other, earlier in arrays[:index] if np.shares_memory(array, earlier)]
        assert not shared, (name, shared)


# Interventions


def test_rules_change_in_the_epoch_asked_for_and_not_before():
    economy = Economy("speed-or-quality", interventions=[Intervention(epoch=2, values=WEIGHTS)])
    for _ in range(4):
        economy.step()
    table = economy.records.capabilities.frame()
    speed = table[table["capability"] == "speed"].groupby("epoch")["spend_share"].mean()
    assert speed.tolist() == pytest.approx([0.2, 0.2, 1.0, 1.0])


def test_epochs_before_a_change_are_those_of_the_run_without_it():
    plain, changed = Economy("gamed"), Economy("gamed", interventions=[Intervention(epoch=2, values=WEIGHTS)])
    for _ in range(4):
        plain.step()
        changed.step()
    ours, theirs = (economy.records.epochs.frame() for economy in (plain, changed))
    assert ours[:2].equals(theirs[:2])
    assert not ours[2:].equals(theirs[2:])


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"subnets.count": 3}, "subnets.count can't change during a run"),
        ({"subnets": {"count": 3}}, "subnets.count can't change during a run"),
        ({"market": {"kind": "fixed_price"}}, "market.kind can't change during a run"),
        ({"market.kind": "fixed_price"}, "market.kind can't change during a run"),
        ({"cartel.stake_share": 0.1}, "cartel.stake_share can't change during a run"),
        ({"chain": {"initial_issuance_tao": 10}}, "chain.initial_issuance_tao can't change during a run"),
        ({"epochs": 7}, "epochs can't change during a run"),
        ({"miners.mix": {"honest": 1.0}}, "miners.mix.honest can't change during a run"),
        ({"reward.audit_rate": 2}, "reward.audit_rate must be in [0, 1], is 2.0"),
        ({"reward.audits": 1}, "no field 'reward.audits'"),
    ],
)
def test_what_cannot_change_during_a_run_is_named(values, sentence):
    economy = Economy("gamed", subnets__count=1)
    with pytest.raises(ValueError, match=r".") as caught:
        economy.intervene(values)
    assert str(caught.value).startswith(sentence)
    assert economy.interventions == []


@pytest.mark.parametrize("epoch", [0, -1, 1.5, "next"])
def test_a_change_of_the_past_or_of_no_epoch_is_refused(epoch):
    economy = played(subnets__count=1, epochs=1)
    with pytest.raises(ValueError, match=r"epoch"):
        economy.intervene({"reward.audit_rate": 0.5}, epoch=epoch)


def test_fields_that_only_steer_behaviour_may_change():
    economy = Economy("gamed", subnets__count=1)
    economy.intervene({"miners.sell_share": 0.0, "chain.tempo_blocks": 100, "owners.burn_share": 0.5})
    economy.step()
    assert economy.state.block == 100
    assert economy.state.miner_alpha_rao.sum() > 0


# Seeds


@pytest.mark.parametrize("seed", [-1, 1.5, "7", True])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(ValueError, match=r"^rng must be a whole number >= 0, is "):
        Economy("gamed", rng=seed)


def test_a_seed_of_numpy_is_the_same_seed():
    one, other = (played(rng=seed, subnets__count=2) for seed in (5, np.int64(5)))
    assert one.records.epochs.frame().equals(other.records.epochs.frame())


def test_values_by_keyword_are_those_of_the_scenario():
    changed = with_values(find("cartel"), {"cartel.stake_share": 0.3, "epochs": 7})
    assert Economy("cartel", cartel__stake_share=0.3, epochs=7).first_scenario == changed
    with pytest.raises(ValueError, match=r"^no field 'cartel.size'"):
        Economy("cartel", cartel__size=3)


# Forks


def test_a_run_that_was_pickled_goes_on_to_the_same_bits():
    economy = played("gamed", nominators__count=3, reward__audit_rate=0.3)
    copy = pickle.loads(pickle.dumps(economy))
    for _ in range(3):
        economy.step()
        copy.step()
    for name, frame in economy.tables().items():
        assert frame.equals(copy.tables()[name]), name
    assert economy.agents.get("wealth_tao") == copy.agents.get("wealth_tao")


def test_a_fork_may_go_another_way_and_leaves_the_original_alone():
    economy = played("gamed", subnets__count=2)
    fork = pickle.loads(pickle.dumps(economy))
    before = {name: frame.copy() for name, frame in economy.tables().items()}
    fork.intervene(WEIGHTS)
    fork.step()
    assert all(frame.equals(before[name]) for name, frame in economy.tables().items())
    assert not economy.interventions


def test_a_validator_below_the_stake_threshold_does_not_count():
    counted = Economy("cartel", cartel__stake_share=0.1)
    ignored = Economy("cartel", cartel__stake_share=0.1, consensus__stake_threshold_alpha=5_000.0)
    for economy in (counted, ignored):
        economy.step()
    # Each of the cartel's four validators has 2,500 alpha of 100,000, each honest one 15,000.
    assert counted.records.epochs.last("cartel_dividend_share")[0] > 0.01
    assert ignored.records.epochs.last("cartel_dividend_share")[0] == 0


def test_a_change_made_while_another_thread_plays_an_epoch_counts_from_the_next(monkeypatch):
    economy = played("gamed", subnets__count=2)
    under_way, produce = economy.epoch, economy_module.produce
    visitor = threading.Thread(target=economy.intervene, args=({"reward.audit_rate": 0.5},))

    def produce_while_somebody_edits(*arguments):
        visitor.start()
        visitor.join(timeout=0.05)
        assert visitor.is_alive()
        return produce(*arguments)

    monkeypatch.setattr(economy_module, "produce", produce_while_somebody_edits)
    economy.step()
    monkeypatch.undo()
    visitor.join()
    assert [change.epoch for change in economy.interventions] == [under_way + 1]
    assert economy.rules.scenario.reward.audit_rate == 0.0
    economy.step()
    assert economy.rules.scenario.reward.audit_rate == 0.5


def test_the_last_epochs_amounts_of_each_participant_are_there():
    economy = played("gamed", subnets__count=2)
    assert set(economy.records.participant_tao) == {"reward", "stake", "spend", "wealth"}
    for amount in economy.records.participant_tao.values():
        assert amount.shape == (economy.population.n_participants,)
    assert economy.records.participant_tao["reward"].sum() == pytest.approx(
        economy.records.strategies.last("earned_tao").sum()
    )


@pytest.mark.parametrize("word", ["turn_over", "govern", "decide", "produce", "evaluate", "agree", "pay", "adapt"])
def test_an_epoch_that_breaks_leaves_the_economy_as_it_was_before(word, monkeypatch):
    whole, broken = Economy("churn"), Economy("churn")
    for economy in (whole, broken):
        for _ in range(3):
            economy.step()
    done = getattr(economy_module, word)

    def break_off(*arguments):
        done(*arguments)
        raise RuntimeError("broken off")

    monkeypatch.setattr(economy_module, word, break_off)
    with pytest.raises(RuntimeError, match="broken off"):
        broken.step()
    monkeypatch.undo()
    assert broken.epoch == broken.steps == 3
    for economy in (whole, broken):
        economy.step()
        economy.step()
    for name, table in whole.tables().items():
        pd.testing.assert_frame_equal(broken.tables()[name], table, check_exact=True)


def everything_about(economy):
    """Bytes of all that a step may change, Mesa's own counts and collections included."""
    state = {name: getattr(economy.state, name) for name in type(economy.state).__slots__}
    mesas = economy.steps, economy.running, economy.datacollector.get_model_vars_dataframe().to_csv()
    agents = economy.datacollector.get_agent_vars_dataframe().to_csv()
    tables = {name: series.frame().to_csv() for name, series in economy.records.series().items()}
    series = {name: series.columns for name, series in economy.records.series().items()}
    amounts = {name: values.tobytes() for name, values in economy.records.participant_tao.items()}
    stepped = economy.rules, economy.population, economy.turnover, economy.yields, economy.wealth_tao
    return [mesas, agents, tables, series, amounts, *map(pickle.dumps, [state, *stepped])]


def interrupted_at(place, done):
    """Function that does what it is to do and is then interrupted, at its `place`th call."""
    calls = iter(range(1, place))

    def act(*arguments):
        result = done(*arguments)
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return result

    return act


@pytest.mark.parametrize("n_epochs", [0, 2])
@pytest.mark.parametrize(
    "place",
    [
        "turn_over", "govern", "public_view", "delegate", "decide", "produce", "evaluate", "agree", "pay", "adapt",
        "copied", "Ledger.check", "observe", "Series.append", "reporter", "amounts", "collect",
    ],
)  # fmt: skip
def test_an_interrupt_anywhere_in_a_step_leaves_the_economy_as_it_was_before(place, n_epochs, monkeypatch):
    small = {"subnets__n_miners": 6, "subnets__n_validators": 4}  # agents are few enough for a table
    whole, broken = played("churn", n_epochs, **small), played("churn", n_epochs, **small)
    before = everything_about(broken)
    collector = broken.datacollector
    holder, name, call = {
        "copied": (type(broken.state), "copied", 1),
        "Ledger.check": (economy_module.Ledger, "check", 1),
        "observe": (economy_module.observe, "observe", 1),
        "Series.append": (type(broken.records.epochs), "append", 3),
        "amounts": (type(broken.agents), "get", 1) if n_epochs == 0 else (collector, "collect", 1),
        "collect": (collector, "collect", 1),
    }.get(place, (economy_module, place, 1))
    if place == "reporter":  # between two of Mesa's columns
        reporters = collector.model_reporters
        middle = list(reporters)[len(reporters) // 2]
        monkeypatch.setitem(reporters, middle, interrupted_at(1, lambda _: 0.0))
    else:
        monkeypatch.setattr(holder, name, interrupted_at(call, getattr(holder, name)))
    with pytest.raises(KeyboardInterrupt):
        broken.step()
    monkeypatch.undo()
    assert everything_about(broken) == before
    for economy in (whole, broken):
        economy.step()
        economy.step()
    assert everything_about(broken) == everything_about(whole)


def test_an_error_while_rows_are_written_leaves_none_behind(monkeypatch):
    economy = played("gamed", subnets__count=2)
    n_epochs = economy.epoch
    monkeypatch.setattr(economy_module.observe, "concentration", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        economy.step()
    assert {len(table.groupby("epoch")) for name, table in economy.tables().items() if name != "uids"} == {n_epochs}
