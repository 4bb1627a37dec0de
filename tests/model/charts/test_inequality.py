import numpy as np
import pandas as pd
import pytest

from model.charts import inequality
from model.charts.lines import Marks
from model.charts.theme import DARK, LIGHT
from model.records.columns import concentration_name


def curves(amount_share: list[float], holders: str = "wealth, by participant") -> pd.DataFrame:
    holder_share = np.linspace(0, 1, len(amount_share))
    return pd.DataFrame({"holders": holders, "holder_share": holder_share, "amount_share": amount_share})


def epochs(n_epochs: int) -> pd.DataFrame:
    """Table of epochs in which every measure is the number of the epoch."""
    columns = {
        concentration_name(amount, name, holder): np.arange(n_epochs)
        for amount, holder in inequality.HOLDINGS.values()
        for name in inequality.MEASURE_AXIS
    }
    return pd.DataFrame({"epoch": np.arange(n_epochs)} | columns)


def test_the_text_of_a_lorenz_chart_says_what_the_poorer_half_has() -> None:
    chart = inequality.lorenz(curves([0.0, 0.25, 1.0]), LIGHT)
    assert "the poorer half of wealth, by participant has 25.0%" in chart.alt


def test_every_curve_has_a_label_of_its_own_and_only_those_there_are() -> None:
    spec = inequality.lorenz(curves([0.0, 1.0]), DARK).spec
    labels = [layer["mark"]["text"] for layer in spec["layer"] if layer["mark"]["type"] == "text"]
    assert labels == ["all equal", "● wealth, by participant"]


@pytest.mark.parametrize("name", inequality.MEASURE_AXIS)
def test_a_measure_has_one_line_for_each_population(name: str) -> None:
    chart = inequality.measure(epochs(5), name, Marks(), LIGHT)
    table = chart.table()
    assert list(table.columns) == ["epoch", "of", name]
    assert table.groupby("of", observed=True)[name].apply(list).to_dict() == {
        of: [0, 1, 2, 3, 4] for of in inequality.HOLDINGS
    }
    assert chart.alt.endswith("rewards, by hotkey 4, rewards, by participant 4, wealth, by participant 4.")
