"""The pay phase: what the chain does with a verdict. Emission, subnet shares, injection, split, dividends, takes.

Each function moves rao between accounts of the state and enters the flow in the ledger; no draw happens here.
"""

from dataclasses import dataclass, replace

import numpy as np

from model.chain.consensus.mechanism import Verdict
from model.chain.emission import coinbase, issuance, payout, shares
from model.chain.emission.apportion import apportion_rao
from model.chain.emission.flow import flow_ema_tao
from model.chain.emission.inheritance import share_with_parents
from model.chain.emission.moving_price import moving_price
from model.units import FloatArray, IntArray
from model.world import trading
from model.world.ledger import Ledger
from model.world.rules import Rules
from model.world.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """What an epoch paid, in rao of alpha unless the name says otherwise.

    miner_pot (subnet,) : what the rule promises miners: half of all pots, less what the owner withholds
    incentive (subnet, uid), dividend_own, dividend_nominated (subnet, validator), nominated (nominator, subnet),
    owner (subnet,), root_tao, root_alpha (subnet, validator); emission_share, tao_in_tao_rao, chain_buy_tao_rao
    (subnet,). Root dividends are what their sale brought in TAO, and what was kept of them or found no buyer
    """

    emission_share: FloatArray
    tao_in_tao_rao: IntArray
    chain_buy_tao_rao: IntArray
    miner_pot_rao: FloatArray
    incentive_rao: IntArray
    dividend_own_rao: IntArray
    dividend_nominated_rao: IntArray
    nominated_rao: IntArray
    owner_rao: IntArray
    root_tao_rao: IntArray
    root_alpha_rao: IntArray


def expected_miner_pot_alpha(state: State, rules: Rules) -> FloatArray:
    """Alpha that the coming epoch will pay miners if somebody earns incentive, (subnet,).

    Half of the pots of miners, validators and root together (CHAIN 2.5.3).
    """
    chain = rules.scenario.chain
    split = coinbase.alpha_split(
        _mint_alpha(state, rules),
        _root_proportion(state, rules),
        owner_cut_share=chain.owner_cut_share,
        root_sells=_root_sells(state, rules),
    )
    return _half_of_pots_rao(split) / 1e9


def _half_of_pots_rao(split: coinbase.AlphaSplit) -> FloatArray:
    half_rao: FloatArray = (split.server_rao + split.validator_rao + split.root_rao) / 2
    return half_rao


def emit_tao(state: State, rules: Rules, ledger: Ledger) -> tuple[FloatArray, trading.Injection]:
    """Mint the epoch's TAO and put it where the emission rule says: share of each subnet, and what it bought."""
    chain = rules.scenario.chain
    minted = issuance.mint(state.issuance_rao, chain.tempo_blocks)
    _age_flows(state, rules)
    signals = _signals(state, rules)
    state.gate_share = shares.held_gate_share(
        rules.emission, signals, state.block + chain.tempo_blocks, chain.tempo_blocks
    )
    share = shares.subnet_shares(rules.emission, replace(signals, gate_share=state.gate_share))
    subnet_tao_rao, dust_rao = apportion_rao(np.array(minted.total_rao), share)
    injection = trading.inject(state, rules, subnet_tao_rao, _root_proportion(state, rules))
    ledger.minted_tao = minted.total_rao
    ledger.pooled_tao = int(injection.tao_in_rao.sum() + injection.buy_tao_rao.sum())
    ledger.recycled_tao = int(dust_rao + injection.unspent_tao_rao.sum())
    ledger.halving_block = _halving_block(state, minted, chain.tempo_blocks)
    state.issuance_rao += minted.total_rao - ledger.recycled_tao
    ledger.pooled_alpha = injection.alpha_in_rao
    state.alpha_issuance_rao += injection.alpha_in_rao
    return share, injection


def pay(state: State, rules: Rules, verdict: Verdict, ledger: Ledger) -> Payout:
    """Mint, share out and credit everything the epoch brings; what each account got."""
    chain = rules.scenario.chain
    alpha_out_rao = _mint_alpha(state, rules)
    emission_share, injection = emit_tao(state, rules, ledger)
    split = coinbase.alpha_split(
        alpha_out_rao,
        _root_proportion(state, rules),
        owner_cut_share=chain.owner_cut_share,
        root_sells=_root_sells(state, rules),
    )
    alpha_stake = _staked(state, rules)
    earned, withheld = _epoch_pay(state, rules, verdict, split, alpha_stake)
    incentive_rao, withheld_rao = withheld.paid_rao[:, :-1], withheld.withheld_rao
    state.miner_burned_share = withheld.miner_burned_share
    recycled_rao = withheld_rao if rules.scenario.owners.recycle else np.zeros_like(withheld_rao)
    nominated_rao, own_rao, behind_rao = _credit_dividends(state, rules, earned, alpha_stake)
    state.owner_alpha_rao += split.owner_rao
    state.miner_alpha_rao += incentive_rao
    ledger.minted_alpha = alpha_out_rao + injection.alpha_in_rao
    ledger.burned_alpha = earned.unowned_rao + split.dust_rao + withheld_rao - recycled_rao
    ledger.recycled_alpha = split.recycled_rao + recycled_rao
    state.burned_alpha_rao += ledger.burned_alpha
    # What was credited, not what is left of what was minted: the ledger's check compares the two.
    ledger.paid_alpha = (
        split.owner_rao
        + incentive_rao.sum(axis=1)
        + (own_rao + behind_rao + earned.root_dividend_rao[:, : own_rao.shape[1]]).sum(axis=1)
    )
    state.alpha_issuance_rao += alpha_out_rao - ledger.recycled_alpha
    root_tao_rao, root_alpha_rao = _claim_root(state, rules, earned.root_dividend_rao)
    _age_prices(state, rules)
    return Payout(
        emission_share=emission_share,
        tao_in_tao_rao=injection.tao_in_rao,
        chain_buy_tao_rao=injection.buy_tao_rao,
        miner_pot_rao=(1 - rules.burn_share) * _half_of_pots_rao(split),
        incentive_rao=incentive_rao,
        dividend_own_rao=own_rao,
        dividend_nominated_rao=behind_rao,
        nominated_rao=nominated_rao,
        owner_rao=split.owner_rao,
        root_tao_rao=root_tao_rao,
        root_alpha_rao=root_alpha_rao,
    )


def _epoch_pay(
    state: State, rules: Rules, verdict: Verdict, split: coinbase.AlphaSplit, alpha_stake: FloatArray
) -> tuple[payout.EpochPay, payout.Withheld]:
    """Pots by incentive and dividend over all uids, and what of incentive is withheld on the owner's key.

    The owner's key stands as one more hotkey behind the uids and has the burn share of the vote, whether or not
    anybody works: where no uid scores, its share of the miners' pot is withheld all the same, and the rest falls to
    validators as it does without an owner's key.
    """
    root_stake = np.zeros_like(alpha_stake)
    root_stake[:, : len(state.root_stake_rao)] = state.root_stake_rao
    tao_weight = rules.scenario.chain.tao_weight
    shared = share_with_parents(
        state.dividend_share,
        alpha_stake,
        root_stake,
        rules.childkeys,
        childkey_take_share=rules.scenario.validators.childkey_take_share,
        tao_weight=tao_weight,
    )
    parts = payout.dividend_parts(shared.received, alpha_stake, root_stake, tao_weight)
    burned = rules.burn_share[:, np.newaxis]
    to_owner = burned * verdict.incentive_share.sum(axis=1, keepdims=True)
    incentive_share = np.hstack([(1 - burned) * verdict.incentive_share, to_owner])
    apart_rao = _miners_pot_of_owner_rao(rules, verdict, split.server_rao)
    earned = payout.epoch_pay(
        split.server_rao - apart_rao,
        split.validator_rao,
        split.root_rao,
        incentive_share,
        _with_owner_key(state.dividend_share),
        # Where a validator has root stake alone, rounding can leave its alpha part a hair below 0.
        (_with_owner_key(np.maximum(parts[0], 0.0)), _with_owner_key(parts[1])),
    )
    owner_key = np.zeros(incentive_share.shape, dtype=bool)
    owner_key[:, -1] = True
    withheld = payout.withhold_from_owner(earned.incentive_rao, owner_key)
    # Of an incentive of nothing, too, the owner's key has its share of the vote.
    voted_on_nothing = verdict.validator_share.any(axis=1) & ~earned.incentive_rao.any(axis=1)
    burned_share = np.where(voted_on_nothing, rules.burn_share, withheld.miner_burned_share)
    withheld = replace(withheld, miner_burned_share=burned_share)
    if not apart_rao.any():
        return earned, withheld
    # Incentive is half of the three pots; what else there is of the miners' pot belongs to nobody (CHAIN 2.5.3).
    extra_rao = np.minimum(np.floor(rules.burn_share * _half_of_pots_rao(split)).astype(np.int64), apart_rao)
    return (
        replace(earned, unowned_rao=earned.unowned_rao + apart_rao - extra_rao),
        replace(withheld, withheld_rao=withheld.withheld_rao + extra_rao),
    )


def _miners_pot_of_owner_rao(rules: Rules, verdict: Verdict, server_rao: IntArray) -> IntArray:
    """What the owner's key takes of the miners' pot where no uid scores, (subnet,); elsewhere it has incentive.

    Where no stake counts nobody votes, not for the owner's key either.
    """
    nobody_scores = ~verdict.incentive_share.any(axis=1) & verdict.validator_share.any(axis=1)
    return np.where(nobody_scores, np.floor(rules.burn_share * server_rao), 0).astype(np.int64)


def _with_owner_key(by_uid: FloatArray) -> FloatArray:
    return np.hstack([by_uid, np.zeros((len(by_uid), 1))])


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


def _claim_root(state: State, rules: Rules, root_dividend_rao: IntArray) -> tuple[IntArray, IntArray]:
    """Claim root dividends: sell them without fee and stake the TAO on root, or keep them as alpha stake.

    Returns the TAO staked on root, and the alpha that stayed as stake, (subnet, validator).
    """
    claimed_rao = root_dividend_rao[:, : len(state.root_stake_rao)]
    proceeds_rao, kept_rao = np.zeros_like(claimed_rao), claimed_rao
    if rules.scenario.validators.root_claim == "swap":
        proceeds_rao, kept_rao = trading.sell_for_tao(state, rules, claimed_rao, 0.0, by_protocol=True)
    state.validator_alpha_rao += kept_rao
    state.root_stake_rao = state.root_stake_rao + proceeds_rao.sum(axis=0)
    return proceeds_rao, kept_rao


def _age_prices(state: State, rules: Rules) -> None:
    blocks = rules.scenario.chain.tempo_blocks
    age = state.block + 1 - state.founded_block
    moved = moving_price(state.price_ema, trading.price(state, rules), age, blocks=blocks)
    state.price_ema = np.where(rules.eligible, moved, state.price_ema)
    state.block += blocks


def _halving_block(state: State, minted: issuance.Minted, tempo_blocks: int) -> int | None:
    """First block at a halved emission among those of this epoch and the one after it; None if there is none."""
    if minted.halving_block:
        return state.block + minted.halving_block[0]
    before_rao = issuance.block_emission_rao(state.issuance_rao)
    after_rao = issuance.block_emission_rao(state.issuance_rao + minted.total_rao)
    return state.block + tempo_blocks if after_rao < before_rao else None


def _age_flows(state: State, rules: Rules) -> None:
    """Take the trades since the last epoch into the moving averages of flow."""
    blocks = rules.scenario.chain.tempo_blocks
    per_block = 1e9 * blocks
    state.user_flow_ema_tao = flow_ema_tao(state.user_flow_ema_tao, state.user_flow_rao / per_block, blocks)
    state.protocol_flow_ema_tao = flow_ema_tao(state.protocol_flow_ema_tao, state.protocol_flow_rao / per_block, blocks)
    state.user_flow_rao = np.zeros_like(state.user_flow_rao)
    state.protocol_flow_rao = np.zeros_like(state.protocol_flow_rao)


def _mint_alpha(state: State, rules: Rules) -> IntArray:
    """Outstanding alpha of the epoch, (subnet,); none where the subnet is not eligible."""
    minted_rao = issuance.mint_alpha(state.alpha_issuance_rao, rules.scenario.chain.tempo_blocks)
    return np.where(rules.eligible, minted_rao, 0)


def _signals(state: State, rules: Rules) -> shares.SubnetSignals:
    n_subnets = len(state.price_ema)
    return shares.SubnetSignals(
        netuid=np.arange(n_subnets),
        price_ema=state.price_ema,
        miner_burned_share=state.miner_burned_share,
        user_flow_ema_tao=state.user_flow_ema_tao,
        protocol_flow_ema_tao=state.protocol_flow_ema_tao,
        root_proportion=_root_proportion(state, rules),
        eligible=rules.eligible,
        enabled=rules.enabled & (rules.scenario.registration.new_subnet_enabled | (state.founded_block <= 0)),
        gate_share=state.gate_share,
    )


def _root_proportion(state: State, rules: Rules) -> FloatArray:
    return coinbase.root_proportion(
        int(state.root_stake_rao.sum()), state.alpha_issuance_rao, rules.scenario.chain.tao_weight
    )


def _root_sells(state: State, rules: Rules) -> bool:
    return coinbase.root_sell_flag(state.price_ema, rules.eligible)


def _staked(state: State, rules: Rules) -> FloatArray:
    """Alpha behind each uid, (subnet, uid), as float64 rao."""
    stake = np.zeros(state.score.shape)
    n_validators = state.validator_alpha_rao.shape[1]
    stake[:, :n_validators] = state.staked_alpha_rao()
    return stake
