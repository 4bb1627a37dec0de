"""Cases played in slices: the same findings as in one go, nothing twice, and a run that fails is left out."""

from dataclasses import replace

import pandas as pd
import pytest

from model.experiments.claims import verified_rewards
from model.experiments.claims.playing import PENDING, Playing
from model.experiments.claims.study import play

CASES = [case for case in verified_rewards.cases((), (), (0.2, 0.5)) if case.study == "a cartel's stake"]


def finished(playing):
    while not playing.finished:
        playing.play(0.0)
    return playing


def test_slices_find_what_one_go_finds():
    playing = finished(Playing(CASES[:1], CASES[1:], (1, 2), {}))
    pd.testing.assert_frame_equal(playing.findings(), play(CASES, (1, 2)), check_exact=True, check_dtype=False)
    assert len(playing.findings(1)) == 1


def test_what_is_known_is_not_played_again():
    known = {}
    finished(Playing(CASES, [], (1, 2), known))
    more = Playing(CASES, [], (1, 2, 3), known)
    assert (more.n_done, more.n_runs) == (4, 6)
    assert finished(Playing(CASES, [], (1, 2), known)).n_done == 4
    assert len(known) == 4


def test_a_case_is_pending_until_it_has_enough_runs_for_an_interval():
    playing = Playing(CASES[:1], CASES[1:], (1, 2), {})
    while playing.n_done < 1:
        playing.play(0.0)
    assert playing.findings()["verdict"].tolist() == [PENDING, PENDING]
    while playing.n_done < 2:
        playing.play(0.0)
    assert playing.findings()["verdict"].tolist() == ["holds", PENDING]


def test_a_run_that_fails_is_told_and_the_others_go_on():
    calls = []

    def fail_first(economy):
        calls.append(economy)
        if len(calls) == 1:
            raise ValueError("no gain")
        return 0.0

    first, second = CASES
    failing = replace(first, measures=(replace(first.measures[0], of=fail_first),))
    playing = finished(Playing([failing, second], [], (1, 2), {}))
    assert playing.troubles == ["a cartel's stake, stake 0.2, merit 0.2, seed 1: no gain"]
    assert playing.findings()["seeds"].tolist() == [1, 2]


@pytest.mark.parametrize("seeds", [(), (1,), (2, 2)])
def test_seeds_must_be_two_or_more_and_differ(seeds):
    with pytest.raises(ValueError, match="seeds must be two or more different numbers"):
        Playing(CASES, [], seeds, {})
