"""The agree phase: weights, stakes and bonds go to the consensus mechanism, and its verdict is remembered."""

import numpy as np

from model.consensus.mechanism import Ballot, Verdict
from model.emission.apportion import in_proportion
from model.rules import Rules
from model.state import State
from model.units import FloatArray


def agree(weight: FloatArray, state: State, rules: Rules) -> Verdict:
    """Verdict of the mechanism in force; bonds, permits, consensus and incentive go into the state."""
    n_subnets, n_validators, n_uids = weight.shape
    stake = np.zeros((n_subnets, n_uids))
    stake[:, :n_validators] = state.staked_alpha_rao()
    stake[:, :n_validators] += rules.scenario.chain.tao_weight * state.root_stake_rao
    ballot = Ballot(
        weight=weight,
        stake=stake,
        bond=state.bond,
        permit=state.permit,
        validator_uid=np.broadcast_to(np.arange(n_validators), (n_subnets, n_validators)),
        parameters=rules.scenario.consensus,
    )
    verdict = rules.mechanism.agree(ballot)
    state.bond = verdict.bond
    state.permit = verdict.permit
    state.consensus = verdict.consensus
    state.incentive_share = verdict.incentive_share
    state.dividend_share = in_proportion(verdict.validator_share)
    return verdict
