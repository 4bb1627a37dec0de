import numpy as np
import pandas as pd
import pytest

from model.charts import market
from model.charts.lines import Marks
from model.charts.theme import LIGHT


def subnets(n_subnets: int, n_epochs: int = 2) -> pd.DataFrame:
    """Subnet k has the share and the price k in every epoch."""
    number = np.tile(np.arange(n_subnets), n_epochs)
    return pd.DataFrame(
        {"epoch": np.repeat(np.arange(n_epochs), n_subnets), "subnet": number,
         "emission_share": number.astype(float), "price_tao_per_alpha": number.astype(float)}
    )  # fmt: skip


def test_the_largest_subnets_are_few_and_ties_go_to_the_lower_number() -> None:
    assert market.largest(np.array([1.0, 3.0, 2.0])) == [0, 1, 2]
    assert market.largest(np.ones(40)) == list(range(market.MOST_SUBNETS))
    assert market.largest(np.arange(40.0)) == [34, 35, 36, 37, 38, 39]


@pytest.mark.parametrize("draw", [market.prices, market.emission_shares])
def test_the_others_are_one_line_of_their_mean(draw) -> None:  # type: ignore[no-untyped-def]
    table = draw(subnets(8), [2, 3, 4, 5, 6, 7], Marks(), LIGHT).table()
    last = table[table["epoch"] == 1].set_index("subnet").iloc[:, -1].to_dict()
    assert last == {**{f"subnet {k}": float(k) for k in range(2, 8)}, "mean of 2 others": 0.5}


def test_a_network_of_few_subnets_has_no_others() -> None:
    assert set(market.prices(subnets(3), [0, 1, 2], Marks(), LIGHT).table()["subnet"]) == {
        "subnet 0",
        "subnet 1",
        "subnet 2",
    }
