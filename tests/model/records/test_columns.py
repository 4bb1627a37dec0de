"""Every column that a run writes is documented, named with its unit, and in range."""

import re

import numpy as np
import pytest

from model.economy import Economy
from model.records.columns import DICTIONARY

UNIT_ENDINGS = {"TAO": ("_tao",), "alpha": ("_alpha",), "TAO per alpha": ("_tao_per_alpha",), "blocks": ("block",)}


@pytest.fixture(scope="module")
def tables():
    economy = Economy("gamed", subnets__count=2, reward__audit_rate=0.5, reward__fine_tao=0.1)
    for _ in range(3):
        economy.step()
    return economy.tables()


def test_every_column_written_has_a_line_in_the_dictionary(tables):
    for name, frame in tables.items():
        assert list(DICTIONARY.arrange(name, frame).columns)


def test_every_line_of_the_dictionary_is_a_column_somewhere(tables):
    written = {column for frame in tables.values() for column in frame.columns}
    assert {column.name for column in DICTIONARY.columns} == written


def test_the_unit_is_the_last_word_of_the_name():
    for column in DICTIONARY.columns:
        assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", column.name)
        if column.unit in UNIT_ENDINGS:
            assert column.name.endswith(UNIT_ENDINGS[column.unit]), column


TYPES = {"whole number": "iu", "number": "f", "text": "O", "truth": "b"}


def test_every_column_has_the_type_of_its_line_and_keys_tell_all_rows_apart(tables):
    for name, frame in tables.items():
        arranged = DICTIONARY.arrange(name, frame)
        for column in arranged:
            assert arranged[column].dtype.kind in TYPES[DICTIONARY.line(name, column).type], (name, column)
        assert not arranged.duplicated(list(DICTIONARY.keys[name])).any(), name


def test_what_is_missing_is_empty_and_no_number():
    economy = Economy("churn")
    economy.step()
    assert economy.tables()["epochs"]["halving_block"].isna().all()


def test_shares_lie_between_nought_and_one(tables):
    for frame in tables.values():
        for name in frame.columns:
            if name.endswith("_share") or "_gini" in name or "_hhi" in name:
                value = frame[name].to_numpy(float)
                assert ((value >= 0) & (value <= 1 + 1e-12) | np.isnan(value)).all(), name


def test_tables_add_up_to_each_other(tables):
    last = {name: frame[frame["epoch"] == 2] for name, frame in tables.items()}
    spend_tao = last["epochs"]["spend_tao"].item()
    assert spend_tao > 0
    for name in ("subnets", "capabilities", "strategies"):
        assert last[name]["spend_tao"].sum() == pytest.approx(spend_tao)
    value = last["epochs"]["users_value"].item()
    assert last["subnets"]["users_value"].sum() == pytest.approx(value)
    assert last["strategies"]["earned_share"].sum() == pytest.approx(1)
    assert last["subnets"]["emission_share"].sum() == pytest.approx(1)
    uids = last["uids"].groupby("subnet")[["incentive_share", "dividend_share"]].sum()
    assert uids.to_numpy() == pytest.approx(np.ones((2, 2)))
