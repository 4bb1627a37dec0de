"""What the members of a cartel pay each other: a share of their earnings, pooled and shared out by an agreed rule."""

import numpy as np

from model.chain.emission.apportion import apportion_rao, in_proportion
from model.records.measures import total_by
from model.units import FloatArray, IntArray
from model.world.population import Population
from model.world.rules import Rules
from model.world.state import State


def side_payments_rao(
    earned_tao: FloatArray, state: State, rules: Rules, population: Population, price: FloatArray
) -> IntArray:
    """What each participant gets from the cartel's pool less what it puts in, (participant,); it sums to 0.

    Members are those who are there: validators, and miners who hold a uid. One puts in no more than it has in its
    purse. What rounding leaves goes to the first who gets anything.

    Parameters
    ----------
    earned_tao : (subnet, uid)
        What the epoch paid miners and validators.
    price : (subnet,)
        TAO per alpha, at which stakes are compared.
    """
    cartel = rules.scenario.cartel
    nothing = np.zeros_like(state.purse_rao)
    if not cartel.side_payment_share or not population.cartel.any():
        return nothing
    member = population.cartel & ((population.role == "validator") | (population.n_miner_uids() > 0))
    weight = member.astype(float)
    if cartel.side_payment_rule == "stake":
        validator = population.numbers("validator")
        stake_tao = (state.validator_alpha_rao * price[:, np.newaxis]).sum(axis=0) + state.root_stake_rao
        weight[population.role != "validator"] = 0.0
        weight[validator] *= stake_tao
    if not weight.any():
        return nothing
    earned = total_by(earned_tao, population.holder, population.n_participants) * member
    put_in_rao = np.minimum(np.floor(earned * cartel.side_payment_share * 1e9).astype(np.int64), state.purse_rao)
    received_rao, dust_rao = apportion_rao(np.array(put_in_rao.sum()), in_proportion(weight))
    received_rao[np.argmax(weight > 0)] += int(dust_rao)
    return received_rao - put_in_rao
