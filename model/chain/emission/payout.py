"""What an epoch pays out of the pending pots, to whom, and what is withheld or falls to nobody."""

from dataclasses import dataclass

import numpy as np

from model.chain.emission.apportion import apportion_rao, in_proportion
from model.chain.emission.coinbase import TAO_WEIGHT
from model.units import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EpochPay:
    """What the pots of an epoch become; the four parts together are the pots.

    Attributes
    ----------
    incentive_rao : (subnet, hotkey) int64
        Pay of miners.
    alpha_dividend_rao, root_dividend_rao : (subnet, hotkey) int64
        Pay for alpha stake and for root stake.
    unowned_rao : (subnet,) int64
        Outstanding alpha that belongs to nobody: lost pots, and rounding.
    """

    incentive_rao: IntArray
    alpha_dividend_rao: IntArray
    root_dividend_rao: IntArray
    unowned_rao: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Withheld:
    """Miner pay after what went to keys of the subnet's owner has been held back.

    Attributes
    ----------
    paid_rao : (subnet, hotkey) int64
    withheld_rao : (subnet,) int64
        Burned or recycled, as the owner chose.
    miner_burned_share : (subnet,) float64
        Withheld over all miner pay of the epoch, 0 without any.
    """

    paid_rao: IntArray
    withheld_rao: IntArray
    miner_burned_share: FloatArray


def dividend_parts(
    dividend: FloatArray, alpha_stake: FloatArray, root_stake: FloatArray, tao_weight: float = TAO_WEIGHT
) -> tuple[FloatArray, FloatArray]:
    """Part of each dividend earned by alpha stake, and part earned by root stake.

    Parameters
    ----------
    dividend : (subnet, hotkey) float64
        After sharing with parents, >= 0.
    alpha_stake, root_stake : (subnet, hotkey) float64
        Own stake on the subnet and on root, >= 0, not inherited.
    tao_weight : float
        Weight of a TAO against an alpha, >= 0.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/run_coinbase.rs
    (calculate_dividends_and_incentives, calculate_dividend_distribution).
    """
    dividend = np.asarray(dividend, dtype=np.float64)
    root_weight = tao_weight * np.asarray(root_stake, dtype=np.float64)
    total = np.asarray(alpha_stake) + root_weight
    root_part = np.divide(dividend * root_weight, total, out=np.zeros_like(dividend), where=total > 0)
    return dividend - root_part, root_part


def dividend_distribution(
    pending_validator_rao: IntArray,
    pending_root_rao: IntArray,
    alpha_part: FloatArray,
    root_part: FloatArray,
) -> tuple[IntArray, IntArray]:
    """Alpha and root dividends in rao: each pot by its parts, nothing where there is no part at all.

    Parameters
    ----------
    pending_validator_rao, pending_root_rao : (subnet,) int64
        Pots, >= 0.
    alpha_part, root_part : (subnet, hotkey) float64
        From `dividend_parts`, >= 0.

    Returns
    -------
    alpha_dividend_rao, root_dividend_rao : (subnet, hotkey) int64

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/run_coinbase.rs
    (calculate_dividend_distribution).
    """
    alpha_dividend_rao, _ = apportion_rao(pending_validator_rao, in_proportion(alpha_part))
    root_dividend_rao, _ = apportion_rao(pending_root_rao, in_proportion(root_part))
    return alpha_dividend_rao, root_dividend_rao


def epoch_pay(
    server_rao: IntArray,
    validator_rao: IntArray,
    root_rao: IntArray,
    incentive_share: FloatArray,
    dividend_share: FloatArray,
    parts: tuple[FloatArray, FloatArray],
) -> EpochPay:
    """What the three pending pots pay, with the chain's rules for pots that find no taker.

    Miners get their incentive out of all three pots together: half of them when there are dividends too, all
    of them when there are none. Validators get the validator pot, and the server pot as well when no miner
    earned anything; dividends only say in which proportion. A pot without anybody to receive it is lost.

    Parameters
    ----------
    server_rao, validator_rao, root_rao : (subnet,) int64
        Pending pots, >= 0; the server pot is the largest, as `alpha_split` makes it.
    incentive_share, dividend_share : (subnet, hotkey) float64
        From consensus; each row sums to 1, or is all 0. Where nobody voted the chain's dividends are the
        stake.
    parts : pair of (subnet, hotkey) float64
        From `dividend_parts`, of these dividends after sharing with parents.

    Returns
    -------
    EpochPay

    Raises
    ------
    ValueError
        If a pot is negative, or a row of shares sums to more than 1.

    Source: subtensor 14bc6f9, pallets/subtensor/src/epoch/run_epoch.rs and coinbase/run_coinbase.rs.
    """
    total_rao = server_rao + validator_rao + root_rao
    mined = incentive_share.sum(axis=-1, keepdims=True)
    earned = mined + dividend_share.sum(axis=-1, keepdims=True)
    share = np.divide(incentive_share, earned, out=np.zeros_like(incentive_share), where=earned > 0)
    incentive_rao, _ = apportion_rao(total_rao, share)
    # When no stake earned a dividend, miners were paid out of all pots and nothing is left to divide.
    validated = dividend_share.any(axis=-1)
    pot_rao = np.where(mined[..., 0] > 0, validator_rao, validator_rao + server_rao) * validated
    alpha_rao, root_paid_rao = dividend_distribution(pot_rao, root_rao * validated, *parts)
    paid_rao = incentive_rao.sum(axis=-1) + alpha_rao.sum(axis=-1) + root_paid_rao.sum(axis=-1)
    return EpochPay(
        incentive_rao=incentive_rao,
        alpha_dividend_rao=alpha_rao,
        root_dividend_rao=root_paid_rao,
        unowned_rao=total_rao - paid_rao,
    )


def withhold_from_owner(incentive_rao: IntArray, owner_key: BoolArray) -> Withheld:
    """Miner pay, less what would go to the subnet owner's own hotkeys.

    Parameters
    ----------
    incentive_rao : (subnet, hotkey) int64
        >= 0.
    owner_key : (subnet, hotkey) bool
        Registered hotkeys of the owner's coldkey, and the owner hotkey.

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/run_coinbase.rs
    (distribute_dividends_and_incentives).
    """
    total_rao = incentive_rao.sum(axis=-1)
    withheld_rao = np.where(owner_key, incentive_rao, 0).sum(axis=-1)
    burned = np.divide(withheld_rao, total_rao, out=np.zeros(total_rao.shape), where=total_rao > 0)
    return Withheld(
        paid_rao=np.where(owner_key, 0, incentive_rao), withheld_rao=withheld_rao, miner_burned_share=burned
    )


def delegate_take(dividend_rao: IntArray, take_share: FloatArray) -> tuple[IntArray, IntArray]:
    """A delegate's take of its dividend, truncated to rao, and the rest for all its nominators.

    Parameters
    ----------
    dividend_rao : (...) int64
        >= 0.
    take_share : (...) float64
        In [0, 1]; 0.18 at most, and by default, on chain.

    Raises
    ------
    ValueError
        If a take lies outside [0, 1].

    Source: subtensor 14bc6f9, pallets/subtensor/src/coinbase/run_coinbase.rs.
    """
    if not np.all((np.asarray(take_share) >= 0) & (np.asarray(take_share) <= 1)):
        raise ValueError(f"take_share must lie in [0, 1], is between {np.min(take_share)} and {np.max(take_share)}")
    take_rao = np.floor(dividend_rao * np.asarray(take_share)).astype(np.int64)
    return take_rao, dividend_rao - take_rao
