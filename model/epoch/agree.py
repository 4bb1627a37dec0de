"""The agree phase: weights, stakes and bonds go to the consensus mechanism, and its verdict is remembered."""

import numpy as np

from ext.masks import NOTHING_MASKED, EpochMasks, chain_masks
from model.chain.consensus.mechanism import Ballot, Verdict
from model.chain.emission.apportion import in_proportion
from model.chain.emission.inheritance import inherited_stake_rao
from model.units import FloatArray
from model.world.rules import Rules
from model.world.state import State


def agree(weight: FloatArray, state: State, rules: Rules) -> Verdict:
    """Verdict of the mechanism in force; bonds, permits, consensus and incentive go into the state."""
    n_subnets, n_validators, n_uids = weight.shape
    alpha_rao = np.zeros((n_subnets, n_uids), dtype=np.int64)
    root_rao = np.zeros_like(alpha_rao)
    alpha_rao[:, :n_validators] = state.staked_alpha_rao()
    root_rao[:, :n_validators] = state.root_stake_rao
    stake = inherited_stake_rao(alpha_rao, rules.childkeys) + (
        rules.scenario.chain.tao_weight * inherited_stake_rao(root_rao, rules.childkeys)
    )
    newcomers = (state.registered_block > state.block).any()
    ballot = Ballot(
        weight=weight,
        stake=stake,
        bond=state.bond,
        permit=state.permit,
        validator_uid=np.broadcast_to(np.arange(n_validators), (n_subnets, n_validators)),
        parameters=rules.scenario.consensus,
        masks=_masks(state, rules) if newcomers else NOTHING_MASKED,
    )
    verdict = rules.mechanism.agree(ballot)
    state.bond = verdict.bond
    state.permit = verdict.permit
    state.consensus = verdict.consensus
    state.incentive_share = verdict.incentive_share
    state.dividend_share = _dividend_share(verdict, rules.burn_share[:, np.newaxis])
    return verdict


def _dividend_share(verdict: Verdict, burned: FloatArray) -> FloatArray:
    """Shares of the validators' pot, (subnet, uid).

    All agree on the burn share of the vote, and what is earned by that part of it goes by stake; the rest goes by what
    they said of miners. So the two meet where all is burned and nobody works.
    """
    by_vote = in_proportion(verdict.validator_share)
    return (1 - burned) * by_vote + burned * in_proportion(verdict.stake_share)


def _masks(state: State, rules: Rules) -> EpochMasks:
    """Masks of an epoch in which everybody has just set weights: bonds from before a uid's registration are dropped.

    A uid counts from the epoch after its registration on, since weights on it are younger than it is.
    """
    block = state.block + rules.scenario.chain.tempo_blocks
    return chain_masks(
        block=block,
        permit=state.permit,
        last_update_block=np.full(state.permit.shape, block),
        registered_block=state.registered_block,
        last_tempo_block=state.block + 1,
    )
