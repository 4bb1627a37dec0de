"""What a cartel's members pay each other: conserved, by the agreed rule, and worth it where theory says."""

import numpy as np
import pytest

from model.economy import Economy
from model.epoch.side_payments import side_payments_rao
from model.world import trading
from model.yardsticks.theory.collusion import two_blocs

QUICK = {"consensus__bonds_moving_average": 0.2, "miners__purse_tao": 100_000.0, "validators__stake_sd": 0.5}
ROWS = [(0.4, 0.3, 1.0), (0.4, 0.3, 0.5), (0.4, 0.3, 0.0), (0.2, 0.1, 1.0), (0.45, 0.7, 1.0)]


def played(n_epochs=16, **values):
    economy = Economy("cartel", **QUICK | values)
    for _ in range(n_epochs):
        economy.step()
    return economy


def rows(economy):
    """What each strategy got in the last epoch, by role and strategy, over its pot."""
    frame = economy.records.strategies.frame(last=1).set_index(["role", "strategy"])
    pot_tao = frame.loc["miner", "earned_tao"].sum()
    return frame[["earned_tao", "side_payment_tao"]] / pot_tao


def split(stake_share, merit_share, penalty, **values):
    return played(
        cartel__stake_share=stake_share, cartel__merit_share=merit_share, consensus__bonds_penalty=penalty, **values
    )


@pytest.mark.parametrize(("stake_share", "merit_share", "penalty"), ROWS)
def test_miners_can_make_good_what_validators_lose_exactly_where_the_cartel_gains(stake_share, merit_share, penalty):
    bloc = two_blocs(stake_share, merit_share, 1.0, penalty)
    # The share of pay at which the cartel's miners keep what honest validators would have given them.
    paid = split(stake_share, merit_share, penalty, cartel__side_payment_share=1 - merit_share / bloc.incentive_share)
    got = rows(paid).loc[("validator", "colluding")]
    assert got["earned_tao"] == pytest.approx(bloc.dividend_share, abs=1e-6)
    assert bloc.dividend_share < stake_share
    with_side_payments = got.sum()
    assert with_side_payments == pytest.approx(2 * bloc.emission_share - merit_share, abs=1e-6)
    truthful = (stake_share + merit_share) / 2
    assert (with_side_payments > stake_share) == (bloc.emission_share > truthful)
    assert rows(paid).loc[("miner", "colluding")].sum() == pytest.approx(merit_share, abs=1e-6)


def test_side_payments_change_who_has_it_and_not_what_the_cartel_takes():
    without, paid = split(0.4, 0.3, 1.0), split(0.4, 0.3, 1.0, cartel__side_payment_share=0.5)
    names = ["cartel_emission_share", "cartel_incentive_share", "issuance_tao"]
    np.testing.assert_array_equal(
        without.records.epochs.frame()[names].to_numpy(), paid.records.epochs.frame()[names].to_numpy()
    )
    side = paid.records.strategies.frame().set_index(["epoch", "role", "strategy"])["side_payment_tao"]
    assert (side.xs("miner", level="role").xs("colluding", level="strategy") < 0).all()
    assert (side.xs("validator", level="role").xs("colluding", level="strategy") > 0).all()
    assert not side.xs("honest", level="strategy").any()
    assert side.groupby("epoch").sum().to_numpy() == pytest.approx(np.zeros(16), abs=1e-9)
    assert not without.records.strategies.frame()["side_payment_tao"].any()
    profit = [
        one.records.strategies.frame(last=1).set_index(["role", "strategy"])["profit_tao"] for one in (without, paid)
    ]
    assert (profit[1] - profit[0]).to_dict() == pytest.approx(side.xs(15, level="epoch").to_dict(), abs=1e-9)


def test_pooled_and_shared_out_alike_everybody_in_the_cartel_has_the_same():
    economy = played(4, cartel__side_payment_share=1.0, cartel__side_payment_rule="equal")
    before_rao = economy.state.purse_rao.copy()
    economy.step()
    price = trading.price(economy.state, economy.rules)
    net_rao = side_payments_rao(economy.state.earned_tao, economy.state, economy.rules, economy.population, price)
    earned_rao = np.zeros(len(net_rao))
    np.add.at(earned_rao, economy.population.holder, economy.state.earned_tao * 1e9)
    inside = economy.population.cartel
    assert np.ptp((net_rao + earned_rao)[inside]) <= 8
    assert not net_rao[~inside].any()
    assert net_rao.sum() == 0
    assert not np.array_equal(before_rao, economy.state.purse_rao)


def test_stake_decides_who_of_the_validators_gets_how_much():
    economy = split(0.4, 0.3, 0.0, cartel__side_payment_share=0.2)
    state, people = economy.state, economy.population
    net_rao = side_payments_rao(state.earned_tao, state, economy.rules, people, np.ones(1))
    validator = people.numbers("validator")
    inside = people.cartel[validator]
    earned_rao = state.earned_tao[0, : len(validator)] * 1e9
    received = (net_rao[validator] + 0.2 * earned_rao)[inside]
    assert received / received.sum() == pytest.approx(
        state.validator_alpha_rao[0, inside] / state.validator_alpha_rao[0, inside].sum()
    )


def test_nobody_pays_more_than_it_has():
    economy = played(3, cartel__side_payment_share=1.0, validators__reinvest_share=1.0, miners__sell_share=0.0)
    assert not economy.state.purse_rao[economy.population.numbers("owner")].any()
    assert (economy.state.purse_rao >= 0).all()
    # Validators who keep all as stake have no TAO to put in; miners pay from their purses.
    side = economy.records.strategies.frame(last=1).set_index(["role", "strategy"])["side_payment_tao"]
    assert side["validator", "colluding"] > 0


@pytest.mark.parametrize("mix", ["miners__mix", "validators__mix"])
def test_a_cartel_of_one_role_has_nobody_to_pay_or_pays_itself(mix):
    economy = played(3, cartel__side_payment_share=0.5, **{mix: {"honest": 1.0}})
    assert economy.records.strategies.frame()["side_payment_tao"].abs().max() < 1e-8


# Votes


def test_a_cartel_below_kappa_that_heeds_the_last_consensus_votes_like_honest_validators():
    taken = played(cartel__vote_rule="within_consensus").records.epochs.frame(last=1)
    names = ["cartel_incentive_share", "cartel_dividend_share", "cartel_emission_share"]
    assert taken[names].to_numpy()[0] == pytest.approx([0.3, 0.4, 0.35], abs=1e-6)


def test_a_cartel_above_kappa_that_heeds_the_last_consensus_takes_all_it_agreed_on():
    taken = played(cartel__vote_rule="within_consensus", cartel__stake_share=0.55).records.epochs.last(
        "cartel_emission_share"
    )[0]
    assert taken == pytest.approx(two_blocs(0.55, 0.3, 1.0).emission_share, abs=1e-6)


@pytest.mark.parametrize(
    ("rule", "share"), [("even_split", [11 / 39, 14 / 39, 14 / 39]), ("self_weight", [0, 0.5, 0.5])]
)
def test_only_an_even_split_pays_a_member_that_does_nothing(rule, share):
    # Honest validators, with 0.45 of stake, give 1/9 to each of the two who work; the cartel gives 1/3 to all three.
    budgets_tao = [0.0, 1e9, 1e9] + [1e9] * 7
    economy = played(8, cartel__vote_rule=rule, cartel__stake_share=0.55, miners__budget_tao=budgets_tao)
    inside = economy.population.cartel[economy.population.holder[0, -10:]]
    assert inside.tolist() == [True] * 3 + [False] * 7
    assert economy.state.incentive_share[0, -10:][inside] == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize("n_nominators", [0, 7, 100])
@pytest.mark.parametrize("root_stake_tao", [0.0, 20_000.0])
def test_a_cartel_that_votes_by_merit_gets_its_share_of_the_votes(n_nominators, root_stake_tao):
    stakes = {"nominators__count": n_nominators, "validators__root_stake_tao": root_stake_tao}
    last = played(cartel__self_weight=0.3, **stakes).records.epochs.last
    # Stakes drift apart a little: validators take a part of what nominators earn.
    assert last("cartel_dividend_share")[0] == pytest.approx(0.4, abs=2e-4)
    assert last("cartel_incentive_share")[0] == pytest.approx(0.3, abs=1e-6)
