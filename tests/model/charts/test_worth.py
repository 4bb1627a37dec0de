import numpy as np
import pandas as pd
import pytest

from model.charts import worth
from model.charts.lines import Marks
from model.charts.theme import LIGHT


def table(n_epochs: int, value: float, planned: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "epoch": np.arange(n_epochs),
            "users_value": value,
            "planner_value": planned,
            "mix_efficiency_share": 0.8,
            "selection_efficiency_share": value / 0.8 / planned,
        }
    )


def earners(n: int) -> pd.DataFrame:
    rank = np.arange(1, n + 1)
    return pd.DataFrame(
        {"rank": rank, "participant": 100 + rank, "role": "miner", "strategy": ["honest"] * (n - 1) + ["cheater"],
         "reward_tao": 1.0 / rank, "reward_share": 0.1 / rank}
    )  # fmt: skip


def test_a_twin_that_is_behind_has_a_shorter_line_without_a_label() -> None:
    data = worth.users_value(table(4, 2.0, 3.0), table(2, 1.0, 3.0), Marks(), LIGHT).data
    lines = data[data["kind"] == "line"].groupby("series", observed=True).size().to_dict()
    assert lines == {worth.DELIVERED: 4, worth.BEST_MIX: 4, worth.PLANNED: 4, worth.HONEST: 2}
    assert data[data["kind"] == "label"]["series"].tolist() == [worth.DELIVERED, worth.BEST_MIX, worth.PLANNED]


def test_without_a_twin_there_is_no_line_for_it_and_the_specification_stays() -> None:
    alone, beside = (worth.users_value(table(3, 2.0, 3.0), twin, Marks(), LIGHT) for twin in (None, table(3, 1.0, 1.0)))
    assert worth.HONEST not in alone.alt
    assert "if all were honest 1" in beside.alt
    assert alone.spec == beside.spec


def test_epochs_without_a_planner_are_gaps_and_not_zeros() -> None:
    chart = worth.users_value(table(3, 2.0, np.nan), None, Marks(), LIGHT)
    assert set(chart.table()["baseline"]) == {worth.DELIVERED, worth.BEST_MIX}
    assert "nan" not in chart.alt


def test_what_the_mix_loses_is_shown_also_where_users_get_nothing() -> None:
    epochs = table(2, 2.0, 3.0)
    epochs.loc[1, ["users_value", "mix_efficiency_share"]] = 0.0
    shown = worth.users_value(epochs, None, Marks(), LIGHT).table()
    assert shown.loc[shown["baseline"] == worth.BEST_MIX, "users_value"].tolist() == pytest.approx([2.5, 2.5])


def test_owners_are_named_by_role_and_number_and_coloured_by_strategy() -> None:
    chart = worth.top_earners(earners(3), LIGHT)
    assert chart.data["name"].tolist() == ["honest miner 101", "honest miner 102", "cheater miner 103"]
    assert chart.spec["layer"][0]["encoding"]["color"]["scale"]["domain"] == ["honest", "cheater"]
    assert chart.table()["reward_tao"].tolist() == [1.0, 1 / 2, 1 / 3]
    assert "honest miner 101 1 TAO" in chart.alt


def test_a_twin_that_lags_behind_keeps_its_label_at_the_edge() -> None:
    data = worth.users_value(table(41, 2.0, 3.0), table(31, 1.0, 1.0), Marks(), LIGHT).data
    labels = data[data["kind"] == "label"].set_index("series")
    assert labels.loc["if all were honest", "epoch"] == 40
    assert labels.loc["if all were honest", "value"] == 1.0
    assert len(labels) == 4
