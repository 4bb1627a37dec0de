"""Every emission rule on one demand: the same prices, burns and flows, shared out by each version in turn."""

import numpy as np
import pandas as pd

from ext import elementary
from model.bounds import within
from model.chain.emission import coinbase, issuance
from model.chain.emission.shares import EMISSION_RULES, SubnetSignals, subnet_shares
from model.records.measures import hhi
from model.scenario.design import Chain
from model.units import RAO_PER_TAO, to_rao

MOST_SUBNETS = 128  # the chain's limit
PRICE_SUM_TAO = 1.0  # of all moving prices together, about where the chain's stand
ROOT_STAKE_TAO = 6_000_000.0
OLDEST_ALPHA, YOUNGEST_ALPHA = 3_000_000.0, 500_000.0  # issuance of the first subnet's alpha, and of the last one's


def one_demand(n_subnets: int, inequality: float, burn_share: float, leaving_share: float) -> SubnetSignals:
    """What emission rules see of a demand that falls from subnet to subnet by a power of the rank.

    Prices go with rank^-inequality. Users put TAO into the pools by price and take `leaving_share` of it out of all
    pools alike; the protocol puts in the block's emission by price. The first subnets are the oldest, with the most
    alpha.

    Parameters
    ----------
    n_subnets : int
        In [1, 128].
    inequality : float
        0: all prices are the same; 1: the second's is half of the first's. In [0, 5].
    burn_share : float
        Of miners' pay, withheld in every second subnet from the second on, in [0, 1].
    leaving_share : float
        Of users' flow, in [0, 1].

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    within("n_subnets", n_subnets, 1, MOST_SUBNETS)
    within("inequality", inequality, 0, 5)
    within("burn_share", burn_share, 0, 1)
    within("leaving_share", leaving_share, 0, 1)
    rank = np.arange(1, n_subnets + 1, dtype=np.float64)
    demand = elementary.power(rank, -inequality)
    demand_share = demand / demand.sum()
    alpha_rao = np.round(np.linspace(OLDEST_ALPHA, YOUNGEST_ALPHA, n_subnets) * RAO_PER_TAO).astype(np.int64)
    block_tao = issuance.block_emission_rao(to_rao(Chain().initial_issuance_tao)) / RAO_PER_TAO
    return SubnetSignals(
        netuid=np.arange(n_subnets),
        price_ema=PRICE_SUM_TAO * demand_share,
        miner_burned_share=np.where(np.arange(n_subnets) % 2 == 1, burn_share, 0.0),
        user_flow_ema_tao=block_tao * (demand_share - leaving_share / n_subnets),
        protocol_flow_ema_tao=block_tao * demand_share,
        root_proportion=coinbase.root_proportion(to_rao(ROOT_STAKE_TAO), alpha_rao),
        eligible=np.ones(n_subnets, dtype=bool),
        enabled=np.ones(n_subnets, dtype=bool),
    )


def shares_by_rule(signals: SubnetSignals) -> pd.DataFrame:
    """Share of the block's TAO by registered rule and subnet, at each rule's defaults: columns rule, subnet, share."""
    parts = [
        pd.DataFrame(
            {"rule": name, "subnet": signals.netuid, "share": subnet_shares(EMISSION_RULES.build(name), signals)}
        )
        for name in EMISSION_RULES.names()
    ]
    return pd.concat(parts, ignore_index=True)


def rule_summary(shares: pd.DataFrame) -> pd.DataFrame:
    """One row per rule: stage, when it was in force, source, subnets paid, the largest share, and the HHI of shares.

    Rules that are live come first, then proposed ones, then those of the past, then our own baselines.
    """
    order = ("live", "proposed", "historic", "ours")
    rows = []
    for name, of_rule in shares.groupby("rule", sort=False):
        share = of_rule["share"].to_numpy()
        rule = EMISSION_RULES.get(str(name))
        rows.append(
            {
                "rule": name,
                "stage": rule.stage,
                "in_force": rule.in_force,
                "source": rule.source,
                "paid": int(np.count_nonzero(share)),
                "largest_share": float(share.max()),
                "hhi": float(hhi(share)),
            }
        )
    rows.sort(key=lambda row: order.index(row["stage"]))
    return pd.DataFrame(rows)
