"""Tables that grow: what is appended comes out, in order, however long the run."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.records.records import FIRST_CAPACITY, Records, Series, share_of


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.integers(0, 3 * FIRST_CAPACITY), st.integers(1, 4), st.integers(0, 5))
def test_all_rows_come_out_in_the_order_they_went_in(n_epochs, n_rows, last):
    series = Series({"subnet": np.arange(n_rows)})
    value = np.arange(n_epochs * n_rows, dtype=float).reshape(n_epochs, n_rows)
    for epoch, row in enumerate(value):
        series.append(epoch, {"stake_tao": row, "count": np.arange(n_rows)})
    assert len(series) == n_epochs
    if n_epochs:
        frame = series.frame()
        assert frame["stake_tao"].tolist() == value.ravel().tolist()
        assert frame["epoch"].tolist() == np.repeat(np.arange(n_epochs), n_rows).tolist()
        assert frame["subnet"].tolist() == list(range(n_rows)) * n_epochs
        assert series.last("stake_tao").tolist() == value[-1].tolist()
        kept = min(last, n_epochs)
        assert series.frame(last=last)["stake_tao"].tolist() == value[n_epochs - kept :].ravel().tolist()


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(1, 3 * FIRST_CAPACITY), st.integers(1, 70), st.none() | st.integers(1, 90))
def test_a_thinned_table_has_each_so_manyth_epoch_and_the_last(n_epochs, every, last):
    series = Series({"subnet": np.arange(2)})
    for epoch in range(n_epochs):
        series.append(epoch, {"stake_tao": np.array([epoch, -epoch]), "spend_tao": np.zeros(2)})
    frame = series.frame(last=last, every=every, columns=["stake_tao"])
    start = 0 if last is None else max(n_epochs - last, 0)
    kept = sorted({*range(start, n_epochs, every), n_epochs - 1})
    assert list(frame.columns) == ["epoch", "subnet", "stake_tao"]
    assert frame["epoch"].tolist() == np.repeat(kept, 2).tolist()
    assert frame["stake_tao"].tolist() == [sign * epoch for epoch in kept for sign in (1, -1)]


def test_any_epoch_can_be_looked_up_and_no_other():
    series = Series({})
    for epoch in range(5):
        series.append(epoch, {"spend_tao": 2.0 * epoch})
    assert [series.at(epoch, "spend_tao")[0] for epoch in range(5)] == [0.0, 2.0, 4.0, 6.0, 8.0]
    for outside in (-1, 5):
        with pytest.raises(IndexError, match=r"epoch must be in \[0, 5\)"):
            series.at(outside, "spend_tao")


def test_an_empty_table_thins_to_an_empty_table():
    assert Series({"subnet": np.arange(2)}).frame(every=4).empty


def test_whole_numbers_stay_whole():
    series = Series({})
    series.append(0, {"caught": 3, "spend_tao": 1.5})
    frame = series.frame()
    assert frame["caught"].dtype.kind == "i"
    assert frame["spend_tao"].tolist() == [1.5]


def test_a_table_handed_out_is_not_the_record():
    series = Series({})
    series.append(0, {"spend_tao": 1.0})
    frame = series.frame()
    frame.loc[0, "spend_tao"] = 9.0
    assert series.frame()["spend_tao"].tolist() == [1.0]


def test_what_is_appended_is_a_copy():
    series = Series({"subnet": np.arange(2)})
    live = np.array([1.0, 2.0])
    series.append(0, {"stake_tao": live})
    live[:] = 9.0
    assert series.frame()["stake_tao"].tolist() == [1.0, 2.0]


def test_every_table_has_its_labels():
    role, strategy = np.array(["miner"], dtype=object), np.array(["honest"], dtype=object)
    records = Records.of(2, ("speed", "storage"), role, strategy)
    records.capabilities.append(0, {"spend_tao": np.arange(4.0)})
    records.strategies.append(0, {"spend_tao": np.ones(1)})
    tables = records.tables()
    assert sorted(tables) == ["capabilities", "epochs", "strategies", "subnets"]
    assert tables["capabilities"]["subnet"].tolist() == [0, 0, 1, 1]
    assert tables["capabilities"]["capability"].tolist() == ["speed", "storage"] * 2
    assert tables["strategies"].loc[0, ["role", "strategy"]].tolist() == ["miner", "honest"]


def test_a_share_of_nothing_is_nothing():
    assert share_of(np.array([1.0, 0.0]), np.array([4.0, 0.0])).tolist() == [0.25, 0.0]
    assert share_of(np.array([1.0, 3.0]), np.array(4.0)) == pytest.approx([0.25, 0.75])
