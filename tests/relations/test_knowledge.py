"""Knowledge: what is hidden moves nobody, what everybody can read is in the view, and memory goes with its person."""

import copy
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scenarios import begun, go_on, play, relation, seeds, worlds

from agents.observation import MinerAction, MinerView, PublicView, ValidatorView, Vote
from agents.strategies import MINERS, VALIDATORS
from model import economy as economy_module
from model.economy import Economy
from model.epoch import asking
from model.epoch.asking import StrategyError

Asked = dict[tuple[str, str], tuple[Any, Any]]


def asked_next(economy: Economy) -> Asked:
    """View and answer of every cohort in the coming epoch, by its name and what it is asked."""
    seen: Asked = {}
    plain = asking.answer_of

    def noting(cohort: Any, epoch: int, verb: str, *given: object) -> Any:
        answer = plain(cohort, epoch, verb, *given)
        seen.setdefault((cohort.name, verb), (copy.deepcopy(given[0]), answer))
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "answer_of", noting)
        economy.step()
    return seen


def same(one: Any, other: Any) -> bool:
    """Whether two answers, or two views, hold the same."""
    return bool(_plain(one) == _plain(other))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    return None if callable(value) else value


def moved_by(change: Callable[[Economy, np.ndarray], None], values: dict[str, Any], seed: int, what: int) -> list[str]:
    """Cohorts whose next view (0) or answer (1) a hidden change of the first miners of the mix moves, but themselves.

    Parameters
    ----------
    change : changes the economy in place, given the flat seats of that cohort
    """
    economy = play(values, seed, epochs=2)
    other = pickle.loads(pickle.dumps(economy))
    hidden = first_of_mix(other)
    change(other, hidden.seat)
    one, moved = asked_next(economy), asked_next(other)
    mine = hidden.name
    return [name for name, verb in one if name != mine and not same(one[name, verb][what], moved[name, verb][what])]


def first_of_mix(economy: Economy) -> Any:
    """Cohort of the strategy that the mix names first."""
    name = f"miner/{next(iter(economy.first_scenario.miners.mix))}"
    return next(cohort for cohort in economy.population.of_role("miner") if cohort.name == name)


def work_more(economy: Economy, seat: np.ndarray) -> None:
    """Make last epoch's true effort twice what it was; claims, scores and pay stay."""
    state = economy.state
    state.resource = state.resource.copy()
    state.resource.reshape(-1, state.resource.shape[2])[seat] *= 2


def forget(economy: Economy, seat: np.ndarray) -> None:
    """Take the cohort's memory."""
    economy.state.memory.pop(first_of_mix(economy).name, None)


def be_richer(economy: Economy, seat: np.ndarray) -> None:
    """Double the purses and costs of the cohort."""
    member = first_of_mix(economy).member
    economy.state.outside_tao_rao -= int(economy.state.purse_rao[member].sum())
    economy.state.purse_rao[member] *= 2
    cost = economy.population.own_unit_cost_tao.copy()
    cost[member] *= 1.5
    holder = economy.population.holder
    economy.population = replace(economy.population, own_unit_cost_tao=cost, unit_cost_tao=cost[holder])


# Whose next action owes nothing to what it did last.
steady = ("cheater", "honest", "lazy", "speed", "metric_maximizer")
first_steady = st.sampled_from(steady).flatmap(
    lambda first: st.sampled_from(sorted(set(MINERS.names()) - {first, "copycat"})).map(
        lambda second: {first: 0.5, second: 0.5}
    )
)
quiet = {
    "miners__mix": first_steady,
    "subnets__n_miners": st.sampled_from([4, 6]),
    "miners__hardware": "rented",
    "miners__exit_window_epochs": 0,
    "miners__broke_below_tao": 0.0,
    "miners__purse_tao": 100.0,
    "registration__newcomers": 0.0,
    "registration__n_waiting": 0,
    "registration__open_uids": 0,
    "registration__entry": "always",
    "owners__mix": {"fixed": 1.0},
}
HIDDEN = {"effort": work_more, "memory": forget}


@relation
@given(worlds(**quiet), seeds, st.sampled_from(sorted(HIDDEN)))
def test_what_one_did_and_remembers_moves_no_action_of_others(values, seed, hidden):
    assume(next(iter(values["miners.mix"])) in steady)
    assert moved_by(HIDDEN[hidden], values, seed, 1) == []


@relation
@given(worlds(**quiet | {"miners__mix": {"honest": 0.5, "copycat": 0.5}}), seeds)
@example({"miners.mix": {"honest": 0.5, "copycat": 0.5}, "subnets.n_miners": 4, "miners.purse_tao": 1000.0}, 1)
def test_what_one_did_moves_no_copycat(values, seed):
    def work_otherwise(economy: Economy, seat: np.ndarray) -> None:
        state = economy.state
        state.resource = state.resource.copy()
        state.resource.reshape(-1, state.resource.shape[2])[seat, 0] *= 5

    assert moved_by(work_otherwise, values, seed, 1) == []


@relation
@given(worlds(**quiet), seeds)
def test_what_one_remembers_is_in_no_view_of_others(values, seed):
    assert moved_by(forget, values, seed, 0) == []


@relation
@given(worlds(**quiet), seeds)
@example({"miners.mix": {"cheater": 0.5, "honest": 0.5}, "subnets.n_miners": 4}, 1)
def test_what_one_did_is_in_no_view_of_others(values, seed):
    assert moved_by(work_more, values, seed, 0) == []


@relation
# Who buys the end of its exclusion is seen by all, and the richer can: here nobody has so much.
@given(worlds(**quiet | {"nominators__count": 0, "reward__reentry_fee_tao": 2.1e7}), seeds)
def test_what_one_has_and_pays_moves_no_miner_that_decides_beside_it(values, seed):
    moved = moved_by(be_richer, values, seed, 1)
    assert [name for name in moved if name.startswith("miner/")] == []


def test_the_cartels_plan_is_for_members():
    values = {"miners.mix": {"honest": 0.5, "colluding": 0.5}, "validators.mix": {"colluding": 1.0}}
    one, other = (asked_next(begun(values | {"cartel.merit_share": u}))["miner/honest", "decide"] for u in (0.1, 0.7))
    assert same(one[0], other[0])


@pytest.mark.parametrize("name", ["cartel.self_weight", "cartel.vote_rule"])
def test_what_the_cartel_has_agreed_on_is_for_members(name):
    given_values = {"cartel.self_weight": (0.3, 0.9), "cartel.vote_rule": ("self_weight", "even_split")}[name]
    values = {"miners.mix": {"honest": 0.5, "colluding": 0.5}, "validators.mix": {"honest": 1.0}}
    one, other = (asked_next(begun(values | {name: value}))["validator/honest", "vote"] for value in given_values)
    assert same(one[0], other[0])


def reachable(value: Any, path: str, known: set[int]) -> Iterator[tuple[str, np.ndarray]]:
    """Every array that a strategy can reach from a value, by attributes, closures, partials and bases, and its path."""
    if id(value) in known or isinstance(value, int | float | str | bytes | type(None)):
        return
    known.add(id(value))
    if isinstance(value, np.ndarray):
        yield path, value
        if value.base is not None:
            yield from reachable(value.base, f"{path}.base", known)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from reachable(getattr(value, field.name), f"{path}.{field.name}", known)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from reachable(one, f"{path}[{name!r}]", known)
    elif isinstance(value, list | tuple | set):
        for index, one in enumerate(value):
            yield from reachable(one, f"{path}[{index}]", known)
    elif isinstance(value, partial):
        yield from reachable([value.func, value.args, value.keywords], f"{path}.partial", known)
    elif callable(value):
        cells = getattr(value, "__closure__", None) or ()
        held = [cell.cell_contents for cell in cells] + [getattr(value, "__self__", None)]
        yield from reachable(held + list(getattr(value, "__defaults__", None) or ()), f"{path}()", known)


def arrays_in_views(values: dict[str, Any], seed: int = 1) -> list[tuple[str, np.ndarray]]:
    """Every array reachable from any view of an epoch, and its path."""
    economy, found = play(values, seed, epochs=2), []
    plain = asking.answer_of

    def walking(cohort: Any, epoch: int, verb: str, *given: object) -> Any:
        found.extend(reachable(given[0], cohort.name, set()))
        return plain(cohort, epoch, verb, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "answer_of", walking)
        economy.step()
    return found


EVERYBODY = {
    "miners.mix": {"best_response": 0.4, "cheater": 0.3, "copycat": 0.3},
    "subnets.n_miners": 10,
    "subnets.n_validators": 4,
    "validators.mix": {"honest": 0.5, "weight_copier": 0.5},
    "nominators.count": 2,
    "owners.mix": {"tuner": 0.5, "inspector": 0.5},
    "market.kind": "fixed_price",
}


def test_nothing_behind_a_view_holds_more_than_it_shows():
    behind = [path for path, _ in arrays_in_views(EVERYBODY) if ".partial" in path or "()" in path]
    wider = {path: array for path, array in arrays_in_views(EVERYBODY) if path.endswith(".base")}
    shown = {path: array for path, array in arrays_in_views(EVERYBODY) if not path.endswith(".base")}
    behind += [path for path, array in wider.items() if array.size > shown[path.split(".base")[0]].size]
    assert behind == []


def test_no_array_of_a_view_can_be_written():
    shown = ((path, array) for path, array in arrays_in_views(EVERYBODY) if not {".base", ".partial"} & _steps(path))
    assert [path for path, array in shown if array.flags.writeable] == []


def _steps(path: str) -> set[str]:
    """Which of the ways behind a view a path takes."""
    return {step for step in (".base", ".partial") if step in path}


# What everybody can read on chain or in a subnet's rules, by the name under which a view would hold it.
@pytest.mark.parametrize(
    "name",
    [
        "registered_block",
        "excluded_until",
        "audit_rate",
        "exclusion_epochs",
        "burn_share",
        "registration_price_tao",
        "identity_cost_tao",
        "miner_claimed",
    ],
)
def test_the_public_record_is_in_the_view(name):
    assert name in {field.name for field in fields(PublicView)}


@dataclass(frozen=True)
class Peeker:
    """Votes for what all validators of its cohort have measured together."""

    MEASURES: ClassVar[bool] = True
    AUDITS: ClassVar[bool] = True

    def vote(self, view: ValidatorView, rng: Any) -> Vote:
        mean = view.measured_weight.mean(axis=1, keepdims=True)
        return Vote(weight=np.repeat(mean, len(view.row_validator), axis=1))


def planted(economy: Economy, name: str, strategy: object) -> Economy:
    """The economy with another strategy for the cohort of that name."""
    cohorts = (replace(one, strategy=strategy) if one.name == name else one for one in economy.population.cohorts)
    economy.population = replace(economy.population, cohorts=tuple(cohorts))
    return economy


def test_validators_of_one_strategy_do_not_read_each_others_measurements():
    values = {"reward.measurement_noise": 0.5, "subnets.n_validators": 4, "miners.mix": {"honest": 1.0}}
    economy = planted(begun(values), "validator/honest", Peeker())
    own = go_on(begun(values), 1).state.weight
    assert (go_on(economy, 1).state.weight == own).all()
    assert not np.allclose(own[:, 0], own[:, 1])


CHURN = {
    "registration.newcomers": 2.0,
    "registration.n_waiting": 6,
    "registration.immunity_blocks": 0,
    "registration.price_tao": 0.001,
    "subnets.n_miners": 12,
    "market.kind": "fixed_price",
}


def owner_hears(values: dict[str, Any], seed: int, epochs: int) -> list[tuple[float, float]]:
    """Largest difference of users' value, and of the share of liars, told to owners and recorded, in later epochs."""
    economy, gaps = play(values, seed, epochs=1), []
    for _ in range(epochs):
        subnets = economy.records.subnets
        worth, lied, miners = subnets.last("users_value"), subnets.last("lied"), np.maximum(subnets.last("miners"), 1)
        view = asked_next(economy)["owner/tuner", "govern"][0]
        gaps.append((np.abs(view.users_value - worth).max(), np.abs(view.lied_share - lied / miners).max()))
    return gaps


tuners = {"owners__mix": {"tuner": 1.0}, "market__kind": "fixed_price", "market__demand_tao": 0.0}
stable = {"registration__newcomers": 0.0, "miners__exit_window_epochs": 0, "miners__broke_below_tao": 0.0}


@relation
@given(worlds(**tuners, **stable), seeds)
def test_an_owner_hears_of_the_last_epoch_what_was_recorded(values, seed):
    assert owner_hears(values, seed, 2) == [pytest.approx((0.0, 0.0), abs=1e-9)] * 2


@relation
@given(worlds(**tuners), seeds)
@example(CHURN | {"owners.mix": {"tuner": 1.0}, "miners.mix": {"cheater": 0.5, "honest": 0.5}}, 1)
def test_an_owner_hears_of_the_last_epoch_what_was_recorded_where_people_come_and_go(values, seed):
    assert owner_hears(values, seed, 2) == [pytest.approx((0.0, 0.0), abs=1e-9)] * 2


LONE = {
    "subnets.count": 1,
    "subnets.n_validators": 4,
    "subnets.n_miners": 4,
    "market.kind": "fixed_price",
    "miners.purse_tao": 1e5,
}
PROMISED_TAO = 0.02 * 360 * 0.82 / 2
# Copiers of the last consensus, whose majority votes for nobody until somebody has been paid.
UNPAID = LONE | {"validators.mix": {"honest": 0.25, "weight_copier": 0.75}}
CARTEL = LONE | {"validators.mix": {"honest": 0.25, "colluding": 0.75}, "cartel.stake_share": 0.8}


# Those who choose how much to spend; others choose where, or copy each other in small steps.
@pytest.mark.parametrize("name", ["best_response", "gradient"])
def test_who_optimises_does_not_spend_for_long_where_nobody_is_paid(name):
    economy = play(UNPAID | {"miners.mix": {name: 1.0}}, epochs=60)
    assert economy.records.subnets.history("miner_pot_tao").sum() == 0
    assert economy.records.epochs.history("spend_tao")[-10:].mean() < 0.02 * PROMISED_TAO


@pytest.mark.parametrize("name", ["best_response", "gradient"])
def test_who_optimises_does_not_spend_for_long_where_a_cartel_is_paid_in_its_place(name):
    economy = play(CARTEL | {"miners.mix": {name: 0.5, "colluding": 0.5}}, epochs=60)
    rows = economy.tables()["strategies"].query("role == 'miner' and strategy == @name and epoch >= 50")
    assert rows["earned_tao"].sum() == 0
    assert rows["spend_tao"].mean() < 0.02 * PROMISED_TAO


@pytest.mark.parametrize("name", ["best_response", "gradient", "honest", "hedge"])
def test_whoever_was_not_paid_works_again_once_payments_come(name):
    economy, always = (play(values | {"miners.mix": {name: 1.0}}, epochs=30) for values in (UNPAID, LONE))
    for cohort in economy.population.of_role("validator"):
        planted(economy, cohort.name, VALIDATORS.build("honest", {}))
    go_on(economy, 100)
    go_on(always, 100)
    assert economy.records.epochs.last("spend_tao") == pytest.approx(always.records.epochs.last("spend_tao"), rel=0.02)


@pytest.mark.parametrize("n_miners", [4, 8, 12])
@pytest.mark.parametrize("n_unpaid_epochs", [5, 40])
def test_whoever_alone_was_not_paid_for_a_spell_works_again_once_it_is(n_miners, n_unpaid_epochs, monkeypatch):
    economy = play(LONE | {"subnets.n_miners": n_miners, "miners.mix": {"best_response": 1.0}}, epochs=30)
    unlucky, before_tao = slice(4 + n_miners // 2, None), economy.records.epochs.last("spend_tao")
    votes = economy_module.evaluate

    def without_some(*given: Any) -> np.ndarray:
        weight = votes(*given).copy()
        weight[:, :, unlucky] = 0.0
        return weight

    with monkeypatch.context() as patch:
        patch.setattr(economy_module, "evaluate", without_some)
        go_on(economy, n_unpaid_epochs)
    go_on(economy, 150)
    assert economy.records.epochs.last("spend_tao") == pytest.approx(before_tao, rel=0.05)


@pytest.mark.parametrize("name", ["hedge", "exp3", "logit", "replicator", "hopper"])
def test_who_chooses_among_subnets_spends_no_more_than_a_trace_where_a_cartel_is_paid(name):
    economy = play(CARTEL | {"miners.mix": {name: 0.5, "colluding": 0.5}}, epochs=60)
    rows = economy.tables()["strategies"].query("role == 'miner' and strategy == @name and epoch >= 50")
    assert rows["spend_tao"].mean() < 0.02 * PROMISED_TAO


@pytest.mark.parametrize(
    ("path", "value", "believed"),
    [("reward.fine_tao", 2.0, True), ("miners.sell_share", 0.9, False), ("validators.take_share", 0.1, False)],
)
def test_a_promise_is_believed_again_only_after_an_edit_of_what_pays(path, value, believed):
    economy = play(UNPAID | {"miners.mix": {"best_response": 1.0}}, epochs=30)
    economy.intervene({path: value})
    go_on(economy, 1)
    assert (economy.records.epochs.last("spend_tao")[0] > 0.02 * PROMISED_TAO) == believed


def test_a_prize_that_noise_gives_to_nobody_is_not_bid_for_beyond_what_is_paid():
    economy = Economy("speed-or-quality")
    go_on(economy, 24)
    economy.intervene({"reward.pay": "winner_take_all"})
    go_on(economy, 40)
    spend_tao = economy.records.epochs.history("spend_tao").ravel()
    assert (spend_tao[30:] < spend_tao[23]).all()
    assert np.abs(np.diff(spend_tao[30:])).max() < 0.2 * spend_tao[23]


@dataclass(frozen=True)
class Diary:
    """Remembers of each slot which of its miners held it, and complains of another's diary."""

    def decide(self, view: MinerView, rng: Any) -> MinerAction:
        who = view.slot_miner.astype(float)
        kept = view.memory.get("who")
        if kept is not None:
            if kept.shape != who.shape:
                raise ValueError(f"{kept.shape} {who.shape}")
            # Whoever has none yet finds the 0 of a blank page.
            if not ((kept == who + 1) | (kept == 0)).all():
                raise ValueError(f"{kept} is not of {who}")
        return MinerAction(resource=np.ones(view.resource.shape), memory={"who": who + 1})


@relation
@given(worlds(**stable | {"miners__mix": {"honest": 1.0}, "registration__open_uids": 0}), seeds)
def test_memory_of_a_slot_stays_with_its_holder_where_nobody_comes_or_goes(values, seed):
    go_on(planted(begun(values, seed), "miner/honest", Diary()), values["epochs"])


@relation
@given(worlds(miners__mix={"honest": 1.0}), seeds)
@example(CHURN | {"miners.mix": {"honest": 1.0}, "epochs": 6}, 1)
def test_memory_of_a_slot_goes_with_its_holder(values, seed):
    economy = planted(begun(values, seed), "miner/honest", Diary())
    try:
        go_on(economy, values["epochs"])
    except StrategyError as error:
        pytest.fail(str(error))
