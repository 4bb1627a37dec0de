"""The public record: what everybody can read at the start of an epoch."""

from agents.observation import PublicView
from model.epoch.asking import read_only
from model.epoch.pay import expected_miner_pot_alpha
from model.world import trading
from model.world.maths import MATHS
from model.world.population import Population
from model.world.rules import Rules
from model.world.state import State


def public_view(epoch: int, state: State, rules: Rules, population: Population) -> PublicView:
    """What everybody can read at the start of the epoch."""
    price = trading.price(state, rules)
    pot_tao = (1 - rules.burn_share) * expected_miner_pot_alpha(state, rules) * price
    n_miners = population.n_seated(rules.scenario.subnets.n_miners)
    first_miner = rules.scenario.subnets.n_validators
    return PublicView(
        epoch=epoch,
        maths=MATHS,
        capability=rules.scenario.capabilities,
        cost_exponent=rules.scenario.miners.cost_exponent,
        hardware=rules.scenario.miners.hardware,
        score=rules.scenario.reward.score,
        pay=rules.scenario.reward.pay,
        fine_tao=rules.scenario.reward.fine_tao,
        detection_share=rules.scenario.reward.detection_share,
        confiscates=rules.scenario.reward.confiscate,
        decisiveness=read_only(rules.decisiveness),
        substitution_exponent=read_only(rules.substitution_exponent),
        reward_weight=read_only(rules.reward_weight),
        value_weight=read_only(rules.value_weight),
        pot_tao=read_only(pot_tao),
        price_tao_per_alpha=read_only(price),
        n_miners=read_only(n_miners),
        consensus=read_only(state.consensus),
        miner_resource=read_only(state.resource[:, first_miner:]),
        miner_earned_tao=read_only(state.earned_tao[:, first_miner:]),
    )
