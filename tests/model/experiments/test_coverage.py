"""Intervals hold what they say: a few simulations of each line of the table, which is made of 2,000."""

import pytest
from interval_coverage import lines

N_SIMULATIONS = 60


@pytest.mark.parametrize("line", list(lines()), ids=lambda line: f"{line.what}: {line.setting}")
def test_intervals_and_verdicts_are_right_as_often_as_they_say(line):
    share = line.share(N_SIMULATIONS)
    assert line.as_said(share, N_SIMULATIONS), share
