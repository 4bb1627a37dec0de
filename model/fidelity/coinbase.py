"""Golden coinbase and schedule vectors (schema chain-coinbase/1), answered by `model.chain.emission`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ext import exact_coinbase
from ext.fixed_point import I32F32, U16_MAX, U64F64
from model.chain.emission import issuance, payout, schedule
from model.chain.emission.coinbase import alpha_split, root_proportion, root_sell_flag, subnet_terms
from model.chain.emission.moving_price import moving_price
from model.chain.emission.rules.price_burn import PriceBurn
from model.chain.emission.rules.tao_flow import power_in_proportion
from model.chain.emission.shares import SubnetSignals, subnet_shares
from model.chain.market.pool import Pool, spot_price
from model.chain.market.trade import inject_around_buy
from model.fidelity.answers import VALUE, Answer, Function, Inputs, UnanswerableError
from model.fidelity.answers import judge as judge_answers
from model.fidelity.files import Document
from model.fidelity.report import Finding
from model.units import FloatArray, IntArray

COINBASE = "coinbase"
SCHEDULE = "schedule"
COMPONENTS = (COINBASE, SCHEDULE)
MAX_UPDATES = 10_000_000  # blocks of four years
_EQUAL_WEIGHT = 0.5


def judge(document: Document, file: str, exact: bool) -> Iterator[Finding]:
    """Yield a verdict for each vector of a file, or why there is none."""
    yield from judge_answers(document, file, exact, _FUNCTIONS)


def _one(value: float) -> FloatArray:
    return np.array([value], np.float64)


def _one_rao(value: int) -> IntArray:
    return np.array([value], np.int64)


def _block_emission(given: Inputs) -> Answer:
    return {VALUE: issuance.block_emission_rao(given["issuance"])}


def _block_emission_exact(given: Inputs) -> Answer:
    return {VALUE: exact_coinbase.block_emission_rao(given["issuance"])}


def _pow_normalise(given: Inputs) -> Answer:
    share = power_in_proportion(np.array(given["values"], np.float64), given["p"]).tolist()
    return {VALUE: share, "sum": sum(share)}


def _pow_normalise_exact(given: Inputs) -> Answer:
    value = [U64F64.from_float(part) for part in given["values"]]
    share = exact_coinbase.power_shares(value, I32F32.from_float(given["p"]))
    return {VALUE: [I32F32.to_float(part) for part in share], "sum": I32F32.to_float(sum(share))}


def _shares(given: Inputs) -> FloatArray:
    price = np.array(given["moving_price"], np.float64)
    nothing, everyone = np.zeros_like(price), np.ones(len(price), np.bool_)
    signals = SubnetSignals(
        netuid=np.arange(len(price)),
        price_ema=price,
        miner_burned_share=np.minimum(np.array(given.get("miner_burned", nothing), np.float64), 1.0),
        user_flow_ema_tao=nothing,
        protocol_flow_ema_tao=nothing,
        root_proportion=np.array(given.get("root_prop", nothing), np.float64),
        eligible=everyone,
        enabled=np.array(given.get("emission_enabled", everyone), np.bool_),
    )
    return subnet_shares(PriceBurn(), signals)


def _subnet_shares(given: Inputs) -> Answer:
    share = _shares(given).tolist()
    return {VALUE: share, "sum": sum(share)}


def _subnet_block_emission(given: Inputs) -> Answer:
    paid = np.floor(given["block_emission"] * _shares(given)).astype(np.int64).tolist()
    return {VALUE: paid, "sum": sum(paid)}


def _subnet_terms(given: Inputs) -> Answer:
    terms = subnet_terms(
        _one(given["tao_emission"]),
        _one(given["price"]),
        _one(given["alpha_emission"]),
        _one(given["root_proportion"]),
    )
    return {
        "alpha_out": float(given["alpha_emission"]),
        "alpha_in": float(terms.alpha_in[0]),
        "tao_in": float(terms.tao_in[0]),
        "excess_tao": float(terms.excess_tao[0]),
    }


def _coinbase_reserves(given: Inputs) -> Answer:
    """Reserves after a block's injection; under mechanism 0 the price is 1 and nothing is swapped."""
    pool = Pool(
        tao_rao=np.array(given["tao_reserve"], np.int64),
        alpha_rao=np.array(given["alpha_reserve"], np.int64),
        quote_weight=np.full(len(given["tao_reserve"]), _EQUAL_WEIGHT),
    )
    price = spot_price(pool) if given["mechanism"] else np.ones(len(pool.tao_rao))
    terms = subnet_terms(
        given["block_emission"] * _shares(given),
        price,
        np.full(price.shape, given["alpha_emission"], np.int64),
        np.full(price.shape, given["root_proportion"], np.float64),
    )
    tao_in, alpha_in, excess = (
        np.floor(part).astype(np.int64) for part in (terms.tao_in, terms.alpha_in, terms.excess_tao)
    )
    if given["mechanism"]:
        pool = inject_around_buy(pool, tao_in, alpha_in, excess)[0].pool
        return {"tao_reserve": pool.tao_rao.tolist(), "alpha_reserve": pool.alpha_rao.tolist()}
    return {
        "tao_reserve": (pool.tao_rao + tao_in).tolist(),
        "alpha_reserve": (pool.alpha_rao + alpha_in).tolist(),
    }


def _root_proportion(given: Inputs) -> Answer:
    share = root_proportion(given["root_tao"], _one_rao(given["alpha_issuance"]), given["tao_weight"])
    return {VALUE: float(share[0])}


def _moving_price(given: Inputs) -> Answer:
    if given.get("updates", 1) > MAX_UPDATES:
        raise UnanswerableError(f"more than {MAX_UPDATES} updates are not tried")
    price = moving_price(
        _one(given["start_price"]),
        _one(given["pool_price"]),
        _one_rao(given["blocks_since_start_call"]),
        blocks=given.get("updates", 1),
        moving_alpha=given["moving_alpha"],
        halving_blocks=given["halving_blocks"],
    )
    return {VALUE: float(price[0])}


def _alpha_split(given: Inputs) -> Answer:
    prices = np.atleast_1d(np.array(given.get("moving_price", 2.0), np.float64))
    sells = given.get("root_sell_flag", root_sell_flag(prices, np.ones(prices.shape, np.bool_)))
    split = alpha_split(
        _one_rao(given["alpha_out"]),
        _one(given["root_proportion"]),
        owner_cut_share=given["owner_cut_u16"] / U16_MAX,
        root_sells=sells,
    )
    names = ("owner", "server", "validator", "root", "recycled")
    return {name: int(getattr(split, f"{name}_rao")[0]) for name in names}


def _dividend_distribution(given: Inputs) -> Answer:
    alpha_stake, root_stake = np.array(given["stake_alpha_root"], np.float64).T[:, None]
    parts = payout.dividend_parts(
        np.array([given["dividends"]], np.float64), alpha_stake, root_stake, given["tao_weight"]
    )
    alpha, root = payout.dividend_distribution(
        _one_rao(given["pending_validator_alpha"]), _one_rao(given["pending_root_alpha"]), *parts
    )
    return {"sum_alpha": int(alpha.sum()), "sum_root": int(root.sum())}


def _dividends_incentives_totals(given: Inputs) -> Answer:
    """A single hotkey's totals; it holds alpha stake alone, so that it earns the whole pot."""
    dividend = np.array([[given["dividend"]]], np.float64)
    parts = payout.dividend_parts(dividend, np.ones((1, 1)), np.zeros((1, 1)))
    pot = _one_rao(given.get("pending_validator_alpha", given["dividend"]))
    alpha, root = payout.dividend_distribution(pot, _one_rao(0), *parts)
    paid = int(alpha.sum() + root.sum())
    return {"incentive": given["incentive"], "dividend": paid, "total": given["incentive"] + paid}


def _blocks_until(given: Inputs) -> Answer:
    until = schedule.blocks_until_next_auto_epoch(given["last_epoch_block"], given["tempo"], given["block"])
    return {VALUE: until}


_SHARE_INPUTS = ("miner_burned", "root_prop", "emission_enabled")
_FUNCTIONS = {
    "block_emission": Function(
        component=COINBASE, needs=("issuance",), float64=_block_emission, exact=_block_emission_exact
    ),
    "pow_normalise": Function(
        component=COINBASE, needs=("values", "p"), float64=_pow_normalise, exact=_pow_normalise_exact
    ),
    "subnet_shares": Function(component=COINBASE, needs=("moving_price",), may=_SHARE_INPUTS, float64=_subnet_shares),
    "subnet_block_emission": Function(
        component=COINBASE,
        needs=("block_emission", "moving_price"),
        may=_SHARE_INPUTS,
        float64=_subnet_block_emission,
    ),
    "subnet_terms": Function(
        component=COINBASE,
        needs=("tao_emission", "price", "alpha_emission", "root_proportion"),
        float64=_subnet_terms,
    ),
    "coinbase_reserves": Function(
        component=COINBASE,
        needs=(
            "block_emission",
            "moving_price",
            "tao_reserve",
            "alpha_reserve",
            "mechanism",
            "root_proportion",
            "alpha_emission",
        ),
        may=_SHARE_INPUTS,
        float64=_coinbase_reserves,
    ),
    "root_proportion": Function(
        component=COINBASE, needs=("tao_weight", "root_tao", "alpha_issuance"), float64=_root_proportion
    ),
    "moving_price": Function(
        component=COINBASE,
        needs=("start_price", "pool_price", "moving_alpha", "blocks_since_start_call", "halving_blocks"),
        may=("updates",),
        float64=_moving_price,
    ),
    "alpha_split": Function(
        component=COINBASE,
        needs=("alpha_out", "owner_cut_u16", "root_proportion"),
        may=("moving_price", "root_sell_flag"),
        float64=_alpha_split,
    ),
    "dividend_distribution": Function(
        component=COINBASE,
        needs=(
            "pending_validator_alpha",
            "pending_root_alpha",
            "tao_weight",
            "stake_alpha_root",
            "dividends",
        ),
        float64=_dividend_distribution,
    ),
    "dividends_incentives_totals": Function(
        component=COINBASE,
        needs=("incentive", "dividend"),
        may=("pending_validator_alpha",),
        float64=_dividends_incentives_totals,
    ),
    "blocks_until_next_auto_epoch": Function(
        component=SCHEDULE, needs=("last_epoch_block", "tempo", "block"), float64=_blocks_until
    ),
}
