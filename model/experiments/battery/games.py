"""What the battery measures of games that go on: inspection, removal of those found, and bonds that come late."""

import copy

import numpy as np

from ext import elementary
from model.economy import Economy
from model.units import FloatArray


def inspection_frequencies(economy: Economy, last: int, argument: str) -> FloatArray:
    """How often a miner was audited and how often it lied, over the last epochs and all subnets, (2,)."""
    return np.array([_by_subnet(economy, name, last).mean() for name in ("audits", "lied")])


def settled_share(economy: Economy, last: int, argument: str) -> FloatArray:
    """Share of subnets in which owner or miners did the same in each of the last epochs."""
    still = [np.ptp(_by_subnet(economy, name, last), axis=0) == 0 for name in ("audits", "lied")]
    return np.asarray(np.logical_or(*still).mean())


def lying_gain_tao(economy: Economy, last: int, argument: str) -> FloatArray:
    """What a cheater's future is worth per epoch at this discount factor, less an honest miner's, in all epochs.

    The honest miner's is its profit of the first epoch, before anybody is removed and leaves it a larger share.
    """
    discount, frame = float(argument), economy.records.strategies.frame()
    miners = frame[frame["role"] == "miner"].set_index("strategy")
    profit = miners["profit_tao"] / miners["participants"]
    lying = profit.loc["cheater"].to_numpy()
    weight = elementary.power(discount, np.arange(len(lying)))
    return np.asarray((1 - discount) * (lying * weight).sum() - profit.loc["honest"].iloc[0])


def late_bond_loss_epochs(economy: Economy, last: int, argument: str) -> FloatArray:
    """Epochs of the newest miner's dividends that the last validator misses, if play goes on for that many epochs.

    The newest miner registered before the last epoch, in the first subnet. The validator's due is its share of stake;
    what it gets is its share of the bonds on that miner.

    Raises
    ------
    ValueError
        If nobody registered before the last epoch.
    """
    if not economy.turnover.registrations[0]:
        raise ValueError("late_bond_loss_epochs needs a registration before the last epoch; there is none")
    played = copy.deepcopy(economy)
    state, n_validators = played.state, played.rules.scenario.subnets.n_validators
    newest = n_validators + int(np.argmax(state.registered_block[0, n_validators:]))
    missed = 0.0
    for _ in range(last):
        stake, bond = state.validator_alpha_rao[0], state.bond[0, :, newest]
        missed += 1 - bond[-1] / bond.sum() * stake.sum() / stake[-1]
        played.step()
    return np.asarray(missed)


def _by_subnet(economy: Economy, name: str, last: int) -> FloatArray:
    """A count of miners in each of the last epochs, over a subnet's miners, (epoch, subnet)."""
    counted = economy.records.subnets.frame(last=last)[name].to_numpy(dtype=float)
    subnets = economy.first_scenario.subnets
    return counted.reshape(-1, subnets.count) / subnets.n_miners
