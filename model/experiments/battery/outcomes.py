"""What an experiment of the battery measures on an economy that has been played: numbers by outcome name."""

import copy
from collections.abc import Callable

import numpy as np

from model.bounds import no_such
from model.economy import Economy
from model.epoch.agree import agree
from model.epoch.decide import decide
from model.epoch.evaluate import evaluate
from model.epoch.produce import produce
from model.epoch.public_view import public_view
from model.experiments.battery.games import (
    inspection_frequencies,
    late_bond_loss_epochs,
    lying_gain_tao,
    settled_share,
)
from model.experiments.battery.tokens import (
    alpha_halving_days,
    displacement_decay_ratio,
    halving_days,
    issuance_tao,
    minted_tao,
)
from model.records.measures import hhi
from model.units import FloatArray
from model.yardsticks import best_spending, planner

N_PLANNERS = 20  # draws of a misreading planner, one run

# Economy, last epochs to average over, and what stands after "@" in the outcome's name.
Outcome = Callable[[Economy, int, str], FloatArray]


def measure(economy: Economy, outcome: str, last: int) -> tuple[float, ...]:
    """Numbers of an outcome, which may carry an argument, as in "issuance_tao@2000".

    Parameters
    ----------
    last : int
        Last epochs over which what varies is averaged, >= 1.

    Raises
    ------
    ValueError
        If there is no such outcome.
    """
    name, _, argument = outcome.partition("@")
    if name not in OUTCOMES:
        raise ValueError(no_such("outcome", name, OUTCOMES))
    return tuple(np.atleast_1d(OUTCOMES[name](economy, last, argument)).astype(float).tolist())


def _mean(economy: Economy, table: str, column: str, last: int) -> FloatArray:
    """Mean of a column over the last epochs, one number for each row of an epoch."""
    held = getattr(economy.records, table).frame(last=min(last, economy.epoch))[column].to_numpy(dtype=float)
    return held.reshape(min(last, economy.epoch), -1).mean(axis=0)


def _miners(economy: Economy) -> slice:
    return slice(economy.rules.scenario.subnets.n_validators, None)


def capability_spend_tao(economy: Economy, last: int, argument: str) -> FloatArray:
    """Spending of a miner on each capability, mean over miners, (capability,)."""
    names, n_miners = economy.first_scenario.capabilities, economy.first_scenario.subnets.n_miners
    spend = _mean(economy, "capabilities", "spend_tao", last).reshape(-1, len(names)).sum(axis=0)
    return spend / (n_miners * economy.first_scenario.subnets.count)


def capability_resource(economy: Economy, last: int, argument: str) -> FloatArray:
    """Hardware of a miner by capability in the first subnet, mean over miners, (capability,)."""
    return economy.state.resource[0, _miners(economy)].mean(axis=0)


def miner_share(economy: Economy, last: int, argument: str) -> FloatArray:
    """Incentive share of each miner of the first subnet, (miner,)."""
    return economy.state.incentive_share[0, _miners(economy)]


def incentive_hhi(economy: Economy, last: int, argument: str) -> FloatArray:
    """Concentration of incentive in the first subnet."""
    return _mean(economy, "subnets", "incentive_hhi", last)[:1]


def total_resource(economy: Economy, last: int, argument: str) -> FloatArray:
    """Hardware of all miners of the first subnet, all capabilities."""
    return economy.state.resource[0, _miners(economy)].sum()


def profit_share(economy: Economy, last: int, argument: str) -> FloatArray:
    """Total profit of miners over the pots."""
    earned, spend = (_mean(economy, "subnets", name, last).sum() for name in ("miner_pot_tao", "spend_tao"))
    return (earned - spend) / earned


def profit_share_less_hhi(economy: Economy, last: int, argument: str) -> FloatArray:
    """Total profit over the pot, less the concentration of incentive: zero in an oligopoly of linear costs."""
    held = economy.state.incentive_share[0, _miners(economy)]
    return profit_share(economy, last, argument) - hhi(held)


def subnet_spend_share(economy: Economy, last: int, argument: str) -> FloatArray:
    """Share of spending in each subnet; with an argument, in that epoch instead of the last ones."""
    if argument:
        frame = economy.records.subnets.frame()
        spend = frame.loc[frame["epoch"] == int(argument), "spend_tao"].to_numpy(dtype=float)
        return spend / spend.sum()
    spend = _mean(economy, "subnets", "spend_tao", last)
    return spend / spend.sum()


def subnet_resource_share(economy: Economy, last: int, argument: str) -> FloatArray:
    """Share of hardware in each subnet."""
    resource = economy.state.resource.sum(axis=(1, 2))
    return resource / resource.sum()


def miner_spend_tao(economy: Economy, last: int, argument: str) -> FloatArray:
    """Spending of each miner in each subnet, miner after miner, (miner * subnet,)."""
    spend = planner.cost_of(economy.state.resource, economy.rules, economy.population).sum(axis=2)
    return spend[:, _miners(economy)].T.ravel()


def mix_efficiency_share(economy: Economy, last: int, argument: str) -> FloatArray:
    """Users' value over the best for the same spending of every seat, in the last epoch: what rewards do not misdirect
    among capabilities.
    """
    return economy.records.epochs.last("mix_efficiency_share")


def selection_efficiency_share(economy: Economy, last: int, argument: str) -> FloatArray:
    """The best for the same spending of every seat over the planner's, in the last epoch: what rewards do not misdirect
    among subnets, and among seats.
    """
    return economy.records.epochs.last("selection_efficiency_share")


def misreading_efficiency_share(economy: Economy, last: int, argument: str) -> FloatArray:
    """Efficiency of a planner who misreads subnets' values by log-normal errors of this standard deviation."""
    read = best_spending.misreading_efficiency(100.0, economy.yields, float(argument), economy.run_seed, N_PLANNERS)
    return np.asarray(read.mean())


def cartel_shares(economy: Economy, last: int, argument: str) -> FloatArray:
    """Cartel's share of incentive, of dividends and of both."""
    names = ("cartel_incentive_share", "cartel_dividend_share", "cartel_emission_share")
    return np.concatenate([_mean(economy, "epochs", name, last) for name in names])


def cartel_gain_share(economy: Economy, last: int, argument: str) -> FloatArray:
    """What the cartel takes beyond its merit and its stake, of all emission."""
    cartel = economy.rules.scenario.cartel
    truthful = (cartel.merit_share + cartel.stake_share) / 2
    return _mean(economy, "epochs", "cartel_emission_share", last) - truthful


def consensus_bias_sd(economy: Economy, last: int, argument: str) -> FloatArray:
    """How far the cartel's vote lifts the consensus on its miners, in standard deviations of an honest weight."""
    rules = economy.rules
    inside = economy.population.cartel[economy.population.holder][:, _miners(economy)]
    score = economy.state.score[:, _miners(economy)]
    merit = score / score.sum(axis=1, keepdims=True)
    lifted = economy.state.consensus[:, _miners(economy)] / merit - 1
    return np.asarray(lifted[inside].mean() / rules.measurement_noise.max())


def trust_identity_error_share(economy: Economy, last: int, argument: str) -> FloatArray:
    """Largest relative difference between dividends over stake and validator trust in the epoch that would come next.

    A validator's trust is the sum of its weights as far as consensus supports them; a common factor is free.
    """
    state, rules, people = copy.deepcopy(economy.state), economy.rules, economy.population
    n_validators = rules.scenario.subnets.n_validators
    public = public_view(economy.epoch, state, rules, people)
    effort = decide(public, state, rules, people, economy.run_seed)
    output = produce(effort, state, rules, people, economy.epoch, economy.run_seed)
    weight = evaluate(public, output, state, rules, people, economy.run_seed)
    stake = state.staked_alpha_rao().astype(float)
    verdict = agree(weight, state, rules)
    weight = weight / weight.sum(axis=2, keepdims=True)
    trust = np.minimum(weight, verdict.consensus[:, np.newaxis, :]).sum(axis=2)
    paid = state.dividend_share[:, :n_validators] / stake
    ratio = paid / trust
    return np.abs(ratio / ratio.mean(axis=1, keepdims=True) - 1).max()


def emission_share(economy: Economy, last: int, argument: str) -> FloatArray:
    """Share of the TAO emission, (subnet,)."""
    return _mean(economy, "subnets", "emission_share", last)


def subnet_price_tao_per_alpha(economy: Economy, last: int, argument: str) -> FloatArray:
    """Price of each subnet's alpha, (subnet,); with an argument, at the end of that epoch instead of the last ones."""
    if argument:
        frame = economy.records.subnets.frame()
        return frame.loc[frame["epoch"] == int(argument), "price_tao_per_alpha"].to_numpy(dtype=float)
    return _mean(economy, "subnets", "price_tao_per_alpha", last)


def market_lead_share(economy: Economy, last: int, argument: str) -> FloatArray:
    """Selection efficiency of the run less that of a planner who misreads subnets' values by this error."""
    return selection_efficiency_share(economy, last, "") - misreading_efficiency_share(economy, last, argument)


def strategy_profit_tao(economy: Economy, last: int, argument: str) -> FloatArray:
    """Profit per epoch of a participant who plays this strategy, mean over the last epochs."""
    frame = economy.records.strategies.frame(last=min(last, economy.epoch))
    played = frame[(frame["strategy"] == argument) & (frame["role"] == "miner")]
    if played.empty:
        raise ValueError(f"strategy_profit_tao@{argument}: no miner plays {argument!r}")
    return np.asarray((played["profit_tao"] / played["participants"]).mean())


OUTCOMES: dict[str, Outcome] = {
    function.__name__: function
    for function in (
        capability_spend_tao,
        capability_resource,
        miner_share,
        incentive_hhi,
        total_resource,
        profit_share,
        profit_share_less_hhi,
        subnet_spend_share,
        subnet_resource_share,
        miner_spend_tao,
        mix_efficiency_share,
        selection_efficiency_share,
        misreading_efficiency_share,
        cartel_shares,
        cartel_gain_share,
        consensus_bias_sd,
        trust_identity_error_share,
        emission_share,
        subnet_price_tao_per_alpha,
        issuance_tao,
        halving_days,
        alpha_halving_days,
        displacement_decay_ratio,
        market_lead_share,
        minted_tao,
        strategy_profit_tao,
        inspection_frequencies,
        settled_share,
        lying_gain_tao,
        late_bond_loss_epochs,
    )
}
