"""The books: what balances passes, what does not is named to the rao."""

from dataclasses import replace

import numpy as np
import pytest

from model.scenario.scenario import Scenario
from model.scenario.scenario_file import with_values
from model.units import SUPPLY_CAP_RAO
from model.world.ledger import ConservationError, Ledger
from model.world.population import found
from model.world.state import begin

SCENARIO = with_values(Scenario(), {"subnets.count": 3, "subnets.n_validators": 2, "subnets.n_miners": 2})


@pytest.fixture
def state():
    return begin(SCENARIO, found(SCENARIO, 1), 1)


def alpha(*amounts):
    return np.array(amounts, dtype=np.int64)


def ledger(state, **flows):
    """Books of an epoch of `state` with these flows and no others."""
    nothing = alpha(0, 0, 0)
    names = ("minted_alpha", "paid_alpha", "burned_alpha", "recycled_alpha", "pooled_alpha")
    return replace(Ledger.open(state), **dict.fromkeys(names, nothing) | flows)


def test_an_epoch_in_which_nothing_happens_balances(state):
    ledger(state).check(state, 0)


def test_flows_that_balance_pass(state):
    books = ledger(
        state,
        minted_tao=10,
        pooled_tao=7,
        recycled_tao=3,
        minted_alpha=alpha(9, 0, 4),
        paid_alpha=alpha(5, 0, 0),
        burned_alpha=alpha(1, 0, 1),
        recycled_alpha=alpha(1, 0, 1),
        pooled_alpha=alpha(2, 0, 2),
    )
    state.issuance_rao += 7
    state.tao_reserve_rao[0] += 7
    state.alpha_issuance_rao += alpha(8, 0, 3)
    state.alpha_reserve_rao += alpha(8, 0, 3)
    books.check(state, 0)


def test_issuance_that_no_flow_explains_is_named_though_somebody_holds_it(state):
    books = ledger(state)
    state.issuance_rao += 3
    state.outside_tao_rao += 3
    with pytest.raises(ConservationError, match=r"^epoch 2: TAO issuance grew by \+3 rao that no flow explains$"):
        books.check(state, 2)
    books = ledger(state)
    state.alpha_issuance_rao[2] -= 4
    state.outside_alpha_rao[2] -= 4
    sentence = r"^epoch 2: issuance of subnet 2's alpha grew by -4 rao that no flow explains$"
    with pytest.raises(ConservationError, match=sentence):
        books.check(state, 2)


def test_minted_tao_that_went_nowhere_is_named(state):
    with pytest.raises(ConservationError, match=r"^epoch 4: \+2 rao of minted TAO went nowhere$"):
        ledger(state, minted_tao=10, pooled_tao=5, recycled_tao=3).check(state, 4)


def test_alpha_paid_but_not_minted_is_named_with_its_subnet(state):
    with pytest.raises(ConservationError, match=r"^epoch 4: -7 rao of subnet 1's alpha went nowhere$"):
        ledger(state, paid_alpha=alpha(0, 7, 0)).check(state, 4)


def test_issuance_above_the_cap_is_refused_even_if_it_is_held(state):
    state.outside_tao_rao += SUPPLY_CAP_RAO + 1 - state.issuance_rao
    state.issuance_rao = SUPPLY_CAP_RAO + 1
    with pytest.raises(ConservationError, match=r"^epoch 0: TAO issuance 21000000000000001 rao is above the cap$"):
        ledger(state).check(state, 0)


def test_flows_of_trade_may_be_negative(state):
    state.user_flow_rao[1] = -5
    ledger(state).check(state, 0)
