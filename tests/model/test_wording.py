"""How numbers and texts are written: nothing cut that counts, nothing shown that is none."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.wording import markdown_table, number, plain


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4626.0, "4,626"),
        (46_264.4, "46,264"),
        (12_345_678.9, "12,345,679"),
        (999.96, "1,000"),
        (1234, "1,234"),
        (10**15, "1,000,000,000,000,000"),
        (np.int64(12_345_678_901), "12,345,678,901"),
        (1.5e9, "1.5e+09"),
        (123.456, "123.5"),
        (0.2, "0.2"),
        (-0.012345, "-0.01235"),
        (1.2344e-7, "1.234e-07"),
        (0.0, "0"),
        (-0.0, "0"),
        (0, "0"),
        (math.nan, "-"),
        (math.inf, "inf"),
    ],
)
def test_numbers_are_written_in_one_way(value, text):
    assert number(value) == text


def test_rounding_beside_what_is_compared_is_zero_and_a_small_number_alone_is_not():
    assert number(2.2e-16) == "2.2e-16"
    assert number(2.2e-16, rounding=1e-9) == number(-1e-9, rounding=1e-9) == "0"
    assert number(2e-9, rounding=1e-9) == "2e-09"


def test_a_sign_is_put_where_there_is_one():
    assert [number(one, signed=True) for one in (1234.5, -0.5, 0.0, math.nan, 3)] == ["+1,234", "-0.5", "0", "-", "+3"]


def test_more_digits_tell_near_numbers_apart():
    assert [number(one, digits=6) for one in (0.333331, 46_264.4, 1_234_567.8)] == ["0.333331", "46,264.4", "1,234,568"]


@given(st.floats(-1e300, 1e300), st.integers(2, 15))
def test_what_is_written_reads_back_to_the_digits_that_are_meant(value, digits):
    back = float(number(value, digits=digits).replace(",", ""))
    assert back == pytest.approx(value, rel=0.5000001 * 10.0 ** (1 - digits), abs=5e-324)


def test_text_is_shown_as_it_is_written():
    assert plain("**bold** [link](x) <b>\n $x$ a_b ~c~ & `d` \\") == (
        r"\*\*bold\*\* \[link\](x) \<b\> \$x\$ a\_b \~c\~ \& \`d\` \\"
    )
    assert plain(":red[x] :smile: at 12 o'clock: a - b, -0.5") == r"\:red\[x\] \:smile\: at 12 o'clock\: a - b, -0.5"
    assert [plain(one) for one in ("# x", "- x", "+ x", "---", "-0.5", "-", "")] == [
        r"\# x", r"\- x", r"\+ x", r"\---", "-0.5", "-", "",
    ]  # fmt: skip


def test_a_cell_stays_one_cell():
    table = markdown_table(["what", "n"], [["a | b\nc", "1"], ["d", "2|"]])
    assert table.splitlines() == ["| what | n |", "| --- | ---: |", r"| a \| b c | 1 |", r"| d | 2\| |"]
    assert markdown_table(["a", "b"], [], left=True).splitlines()[1] == "| --- | --- |"
    assert markdown_table(["a"], [[plain(r"x\|y")]]).splitlines()[2] == r"| x\\\|y |"
