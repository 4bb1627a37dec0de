"""The data dictionary: one line per column, and the order of columns."""

import pandas as pd
import pytest

from model.records.data_dictionary import Column, DataDictionary

EPOCH = Column(name="epoch", unit="count", meaning="epoch, from 0")


def test_a_line_for_one_table_goes_before_the_line_for_all():
    own = Column(name="epoch", unit="blocks", meaning="first block of the epoch", table="block")
    dictionary = DataDictionary(EPOCH, own)
    assert dictionary.line("block", "epoch") is own
    assert dictionary.line("uid", "epoch") is EPOCH


def test_a_column_is_documented_once_per_table():
    with pytest.raises(ValueError, match="column 'epoch' of table '\\*' is documented twice"):
        DataDictionary(EPOCH, EPOCH)


@pytest.mark.parametrize("missing", ["name", "unit", "meaning", "table"])
def test_a_line_that_leaves_something_out_is_refused(missing):
    line = {"name": "epoch", "unit": "count", "meaning": "epoch, from 0", "table": "uid"} | {missing: " "}
    with pytest.raises(ValueError, match=f"{missing} of a column must say something"):
        Column(**line)


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(ValueError, match="columns of table 'uid' must differ, are epoch, epoch"):
        DataDictionary(EPOCH).arrange("uid", pd.DataFrame([[1, 2]], columns=["epoch", "epoch"]))


def test_two_dictionaries_join_through_their_columns():
    other = Column(name="stake_tao", unit="TAO", meaning="stake", table="uid")
    joined = DataDictionary(*DataDictionary(EPOCH).columns, *DataDictionary(other).columns)
    assert joined.columns == (EPOCH, other)
