import numpy as np
import pytest

from model.charts.pay_curve import MOST_TIMES, N_POINTS, pay_chart, pay_table
from model.charts.theme import LIGHT
from model.reward_rules import PAYS


@pytest.mark.parametrize("name", PAYS.names())
def test_the_curve_is_what_the_rule_itself_would_pay(name: str) -> None:
    pay = PAYS.build(name)
    rivals = np.array([1.0, 2.0, 3.0])
    table = pay_table(pay, rivals)
    for row in table.iloc[[0, 7, 30, N_POINTS - 1]].itertuples(index=False):
        paid = pay.weight(np.array([[[*rivals, 2.0 * row.relative_score]]]))[0, 0, -1]
        assert row.pay_share == pytest.approx(paid, abs=1e-15)
    assert (np.diff(table["pay_share"]) >= -1e-12).all()


def test_in_proportion_the_mean_score_earns_the_equal_share() -> None:
    table = pay_table(PAYS.build("proportional"), np.array([4.0, 4.0, 4.0]))
    at_mean = np.interp(1.0, table["relative_score"], table["pay_share"])
    assert at_mean == pytest.approx(0.25, abs=1e-3)
    assert "25.0" in pay_chart(table, 4, LIGHT).alt
    assert table["relative_score"].max() == MOST_TIMES


def test_a_field_without_scores_pays_nothing_and_still_draws() -> None:
    assert pay_table(PAYS.build("proportional"), np.zeros(3))["pay_share"].tolist() == [0.0] * N_POINTS
