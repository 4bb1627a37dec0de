"""The public record: what everybody can read at the start of an epoch."""

from dataclasses import fields

from agents.observation import PublicView
from model.epoch.asking import read_only
from model.epoch.pay import expected_miner_pot_alpha
from model.epoch.promises import paid_ratio
from model.reward_rules import Pay, Score
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
        block=state.block,
        tempo_blocks=rules.scenario.chain.tempo_blocks,
        score_parameters=_parameters(rules.score),
        pay_parameters=_parameters(rules.pay),
        audit_rate=read_only(rules.audit_rate),
        fine_tao=rules.scenario.reward.fine_tao,
        detection_share=rules.scenario.reward.detection_share,
        confiscates=rules.scenario.reward.confiscate,
        exclusion_epochs=rules.scenario.reward.exclusion_epochs,
        reentry_fee_tao=rules.scenario.reward.reentry_fee_tao,
        burn_share=read_only(rules.burn_share),
        registration_price_tao=read_only(state.burn_price_rao / 1e9),
        identity_cost_tao=rules.scenario.registration.identity_cost_tao,
        decisiveness=read_only(rules.decisiveness),
        substitution_exponent=read_only(rules.substitution_exponent),
        reward_weight=read_only(rules.reward_weight),
        value_weight=read_only(rules.value_weight),
        pot_tao=read_only(pot_tao),
        paid_ratio=read_only(paid_ratio(state)[0]),
        price_tao_per_alpha=read_only(price),
        n_miners=read_only(n_miners),
        registered_block=read_only(state.registered_block.copy()),
        caught=read_only(state.caught.copy()),
        excluded_until=read_only(state.excluded_until.copy()),
        validator_stake_alpha=read_only(state.staked_alpha_rao() / 1e9),
        validator_root_tao=read_only(state.root_stake_rao / 1e9),
        weight=read_only(state.weight),
        consensus=read_only(state.consensus.copy()),
        incentive_share=read_only(state.incentive_share.copy()),
        miner_claimed=read_only(state.claimed[:, first_miner:].copy()),
        miner_score=read_only(state.score[:, first_miner:].copy()),
        miner_earned_tao=read_only(state.earned_tao[:, first_miner:].copy()),
    )


def _parameters(entry: Score | Pay) -> dict[str, float | tuple[float, ...]]:
    """Parameters of a score function or a pay shape by name."""
    return {field.name: getattr(entry, field.name) for field in fields(entry)}  # type: ignore[arg-type]
