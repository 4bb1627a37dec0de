"""The produce phase: effort becomes output, lies are added, and audits look for them."""

import numpy as np

from model.cohorts import Effort, Output
from model.population import Population
from model.randomness import stream_key
from model.reward_rules.verification import audit
from model.rules import Rules
from model.state import State


def produce(effort: Effort, state: State, rules: Rules, population: Population, epoch: int, seed: int) -> Output:
    """True and claimed output of every uid, who was caught lying, and who is not scored this epoch.

    Whoever is caught is not scored in this epoch and in the `exclusion_epochs` that follow.
    """
    reward = rules.scenario.reward
    n_subnets = len(state.price_ema)
    produced = effort.resource * population.productivity
    claimed = produced * effort.claim_factor[:, :, np.newaxis]
    # Only miners' seats are drawn for, so that one validator more changes nobody's audit.
    first_miner = rules.scenario.subnets.n_validators
    caught = np.zeros(state.score.shape, dtype=bool)
    caught[:, first_miner:] = audit(
        claimed[:, first_miner:],
        produced[:, first_miner:],
        np.full(n_subnets, reward.audit_rate),
        np.full(n_subnets, reward.detection_share),
        stream_key(seed, "audit", epoch),
    )
    excluded = epoch < state.excluded_until
    state.excluded_until = np.where(caught, epoch + 1 + reward.exclusion_epochs, state.excluded_until)
    return Output(produced=produced, claimed=claimed, caught=caught, barred=caught | excluded)
