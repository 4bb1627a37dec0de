"""The pay phase: what the chain does with a verdict. Emission, subnet shares, injection, split, dividends, takes.

Each function moves rao between accounts of the state and enters the flow in the ledger; no draw happens here.
"""

from dataclasses import dataclass

import numpy as np

from model.consensus.mechanism import Verdict
from model.emission import coinbase, issuance, payout, shares
from model.emission.apportion import apportion_rao
from model.emission.moving_price import moving_price
from model.ledger import Ledger
from model import trading
from model.rules import Rules
from model.state import State
from model.units import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """What an epoch paid, in rao of alpha unless the name says otherwise.

    incentive (subnet, uid), dividend_own, dividend_nominated (subnet, validator), nominated (nominator, subnet),
    owner (subnet,), root_tao (validator,); emission_share, tao_in_tao_rao, chain_buy_tao_rao (subnet,)
    """

    emission_share: FloatArray
    tao_in_tao_rao: IntArray
    chain_buy_tao_rao: IntArray
    incentive_rao: IntArray
    dividend_own_rao: IntArray
    dividend_nominated_rao: IntArray
    nominated_rao: IntArray
    owner_rao: IntArray
    root_tao_rao: IntArray


def expected_miner_pot_alpha(state: State, rules: Rules) -> FloatArray:
    """Alpha that the coming epoch will pay miners if somebody earns incentive, (subnet,).

    Half of the pots of miners, validators and root together (PROTOCOL 2.5.3).
    """
    chain = rules.scenario.chain
    minted_rao = issuance.mint_alpha(state.alpha_issuance_rao, chain.tempo_blocks)
    split = coinbase.alpha_split(
        minted_rao,
        _root_proportion(state, rules),
        owner_cut_share=chain.owner_cut_share,
        root_sells=_root_sells(state),
    )
    return (split.server_rao + split.validator_rao + split.root_rao) / 2e9


def emit_tao(state: State, rules: Rules, ledger: Ledger) -> tuple[FloatArray, trading.Injection]:
    """Mint the epoch's TAO and put it where the emission rule says: share of each subnet, and what it bought."""
    chain = rules.scenario.chain
    minted = issuance.mint(state.issuance_rao, chain.tempo_blocks)
    share = shares.subnet_shares(rules.emission, _signals(state, rules))
    subnet_tao_rao, dust_rao = apportion_rao(np.int64(minted.total_rao), share)
    injection = trading.inject(state, rules, subnet_tao_rao, _root_proportion(state, rules))
    ledger.minted_tao = minted.total_rao
    ledger.pooled_tao = int(injection.tao_in_rao.sum() + injection.buy_tao_rao.sum())
    ledger.recycled_tao = int(dust_rao + injection.unspent_tao_rao.sum())
    state.issuance_rao += minted.total_rao - ledger.recycled_tao
    ledger.pooled_alpha = injection.alpha_in_rao
    return share, injection


def pay(state: State, rules: Rules, verdict: Verdict, ledger: Ledger) -> Payout:
    """Mint, share out and credit everything the epoch brings; what each account got."""
    chain = rules.scenario.chain
    alpha_out_rao = issuance.mint_alpha(state.alpha_issuance_rao, chain.tempo_blocks)
    emission_share, injection = emit_tao(state, rules, ledger)
    split = coinbase.alpha_split(
        alpha_out_rao,
        _root_proportion(state, rules),
        owner_cut_share=chain.owner_cut_share,
        root_sells=_root_sells(state),
    )
    alpha_stake = _staked(state, rules)
    earned = _epoch_pay(state, rules, verdict, split, alpha_stake)
    nominated_rao, own_rao, behind_rao = _credit_dividends(state, rules, earned, alpha_stake)
    state.owner_alpha_rao += split.owner_rao
    state.miner_alpha_rao += earned.incentive_rao
    state.burned_alpha_rao += earned.unowned_rao + split.dust_rao
    ledger.minted_alpha = alpha_out_rao + injection.alpha_in_rao
    ledger.burned_alpha = earned.unowned_rao + split.dust_rao
    ledger.recycled_alpha = split.recycled_rao
    ledger.paid_alpha = alpha_out_rao - ledger.burned_alpha - ledger.recycled_alpha
    state.alpha_issuance_rao += ledger.minted_alpha - ledger.recycled_alpha
    root_tao_rao = _claim_root(state, rules, earned.root_dividend_rao)
    state.miner_burned_share = np.zeros(len(split.owner_rao))
    _age_prices(state, rules)
    return Payout(
        emission_share=emission_share,
        tao_in_tao_rao=injection.tao_in_rao,
        chain_buy_tao_rao=injection.buy_tao_rao,
        incentive_rao=earned.incentive_rao,
        dividend_own_rao=own_rao,
        dividend_nominated_rao=behind_rao,
        nominated_rao=nominated_rao,
        owner_rao=split.owner_rao,
        root_tao_rao=root_tao_rao,
    )


def _epoch_pay(
    state: State,
    rules: Rules,
    verdict: Verdict,
    split: coinbase.AlphaSplit,
    alpha_stake: FloatArray,
) -> payout.EpochPay:
    """Pots by incentive and dividend, over all uids; stake on root counts for the validators that have it."""
    root_stake = np.zeros_like(alpha_stake)
    root_stake[:, : len(state.root_stake_rao)] = state.root_stake_rao
    parts = payout.dividend_parts(
        state.dividend_share, alpha_stake, root_stake, rules.scenario.chain.tao_weight
    )
    return payout.epoch_pay(
        split.server_rao,
        split.validator_rao,
        split.root_rao,
        verdict.incentive_share,
        state.dividend_share,
        parts,
    )


def _credit_dividends(
    state: State, rules: Rules, earned: payout.EpochPay, alpha_stake: FloatArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Credit alpha dividends: take first, the rest to own and nominated stake pro rata.

    Returns what each nominator got, (nominator, subnet), what validators got themselves, and what went to those
    behind them, (subnet, validator).
    """
    n_validators = state.validator_alpha_rao.shape[1]
    dividend_rao = earned.alpha_dividend_rao[:, :n_validators]
    take_share = rules.scenario.validators.take_share
    _, rest_rao = payout.delegate_take(dividend_rao, np.full(dividend_rao.shape, take_share))
    staked = alpha_stake[:, :n_validators]
    n_nominators, n_subnets = state.delegate.shape
    subnet = np.broadcast_to(np.arange(n_subnets), state.delegate.shape)
    base = staked[subnet, state.delegate]
    part = np.divide(state.nominated_alpha_rao, base, out=np.zeros(base.shape), where=base > 0)
    nominated_rao = np.floor(part * rest_rao[subnet, state.delegate]).astype(np.int64)
    behind_rao = np.zeros_like(dividend_rao)
    if n_nominators:
        np.add.at(behind_rao, (subnet, state.delegate), nominated_rao)
    own_rao = dividend_rao - behind_rao
    state.nominated_alpha_rao += nominated_rao
    state.validator_alpha_rao += own_rao
    state.yield_share = np.divide(rest_rao, staked, out=np.zeros(staked.shape), where=staked > 0)
    return nominated_rao, own_rao, behind_rao


def _claim_root(state: State, rules: Rules, root_dividend_rao: IntArray) -> IntArray:
    """Sell root dividends without fee and stake the TAO on root; TAO of each validator, (validator,)."""
    n_validators = len(state.root_stake_rao)
    claimed_rao = root_dividend_rao[:, :n_validators]
    proceeds_rao, kept_rao = trading.sell_for_tao(state, rules, claimed_rao, fee_share=0.0)
    state.validator_alpha_rao += kept_rao
    root_tao_rao = proceeds_rao.sum(axis=0)
    state.root_stake_rao = state.root_stake_rao + root_tao_rao
    return root_tao_rao


def _age_prices(state: State, rules: Rules) -> None:
    blocks = rules.scenario.chain.tempo_blocks
    age = np.full(len(state.price_ema), rules.scenario.subnets.age_blocks + state.block + 1)
    state.price_ema = moving_price(state.price_ema, trading.price(state, rules), age, blocks=blocks)
    state.block += blocks


def _signals(state: State, rules: Rules) -> shares.SubnetSignals:
    n_subnets = len(state.price_ema)
    everyone = np.ones(n_subnets, dtype=bool)
    return shares.SubnetSignals(
        netuid=np.arange(n_subnets),
        price_ema=state.price_ema,
        miner_burned_share=state.miner_burned_share,
        user_flow_ema_tao=np.zeros(n_subnets),
        protocol_flow_ema_tao=np.zeros(n_subnets),
        root_proportion=_root_proportion(state, rules),
        eligible=everyone,
        enabled=everyone,
    )


def _root_proportion(state: State, rules: Rules) -> FloatArray:
    return coinbase.root_proportion(
        int(state.root_stake_rao.sum()), state.alpha_issuance_rao, rules.scenario.chain.tao_weight
    )


def _root_sells(state: State) -> bool:
    return coinbase.root_sell_flag(state.price_ema, np.ones(len(state.price_ema), dtype=bool))


def _staked(state: State, rules: Rules) -> FloatArray:
    """Alpha behind each uid, (subnet, uid), as float64 rao."""
    stake = np.zeros(state.score.shape)
    n_validators = state.validator_alpha_rao.shape[1]
    stake[:, :n_validators] = state.staked_alpha_rao()
    return stake
