import threading

import numpy as np
import pytest

from model.charts.live import MOST_POINTS
from model.pages.live_run import OPENING_EPOCHS, LiveRun, Trace
from model.pages.wording import plain
from model.scenario import Scenario
from model.scenario_file import find, with_values

SMALL = {"subnets.count": 1, "subnets.n_validators": 2, "subnets.n_miners": 4, "miners.mix": {"honest": 1.0}}


def small() -> Scenario:
    return with_values(Scenario(name="small"), SMALL)


def test_a_trace_keeps_few_epochs_the_first_and_the_last() -> None:
    trace = Trace()
    for epoch in range(3_000):
        trace.append(epoch, {"value": np.array([float(epoch)])})
    assert len(trace.epochs) <= MOST_POINTS
    assert trace.epochs[0] == 0
    assert trace.epochs[-1] == 2_999
    assert [row["value"][0] for row in trace.rows] == trace.epochs


def test_what_a_trace_shows_is_what_the_records_hold() -> None:
    run = LiveRun(small())
    run.play(60.0, MOST_POINTS + 61)
    shown = run.strategies()
    recorded = run.economy.tables()["strategies"]
    kept = recorded[recorded["epoch"].isin(shown["epoch"])]
    assert shown["earned_tao"].tolist() == kept["earned_tao"].tolist()
    assert shown["wealth_tao"].tolist() == kept["wealth_tao"].tolist()


def test_the_opening_plays_the_same_number_of_epochs_on_any_machine() -> None:
    run = LiveRun(find("speed-or-quality"))
    run.open()
    assert run.economy.epoch == OPENING_EPOCHS


def test_an_edit_during_a_run_holds_from_the_coming_epoch_on_and_is_listed() -> None:
    run = LiveRun(small())
    run.play(60.0, 5)
    run.edit({"reward.capability_weight.speed": 1.0})
    run.play(60.0, 2)
    assert [(epoch, dict(values)) for epoch, values in run.edits] == [(5, {"reward.capability_weight.speed": 1.0})]
    weight = run.capability_shares().query("capability == 'speed'").set_index("epoch")["weight_share"]
    assert weight[4] == pytest.approx(0.4)
    assert weight[5] == pytest.approx(1.0 / 1.6)


def test_edits_of_one_epoch_are_listed_together() -> None:
    run = LiveRun(small())
    run.play(60.0, 1)
    run.edit({"reward.pay": "softmax", "reward.pay_parameters": {"temperature": 1.0}})
    run.edit({"reward.pay_parameters.temperature": 2.0})
    assert len(run.edits) == 1
    assert run.scenario.reward.pay_parameters["temperature"] == 2.0


def test_an_edit_before_the_first_epoch_is_part_of_what_the_run_starts_with() -> None:
    run = LiveRun(small())
    run.edit({"reward.audit_rate": 0.5})
    assert run.edits == []
    assert run.economy.first_scenario.reward.audit_rate == 0.5


@pytest.mark.parametrize("n_epochs", [0, 3])
def test_an_edit_that_rewards_nothing_is_refused_and_changes_nothing(n_epochs: int) -> None:
    run = LiveRun(small())
    if n_epochs:
        run.play(60.0, n_epochs)
    nothing = {f"reward.capability_weight.{name}": 0.0 for name in ("speed", "quality", "storage")}
    before = run.scenario
    with pytest.raises(ValueError, match="capability_weight"):
        run.edit(nothing)
    assert run.scenario == before
    assert run.economy.epoch == n_epochs


def test_changes_are_counted_from_the_last_epoch_before_an_edit() -> None:
    run = LiveRun(small())
    run.play(60.0, 4)
    before = run.figures()
    run.edit({"reward.capability_weight.speed": 1.0})
    run.play(60.0, 3)
    assert run.base == before
    assert run.base_epoch == 3


def test_a_run_pauses_by_itself_where_it_was_told_to() -> None:
    run = LiveRun(small())
    run.playing, run.until = True, 7
    run.play(60.0, 100)
    assert run.economy.epoch == 7
    assert not run.playing


def test_trouble_in_an_epoch_pauses_the_run_and_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    run = LiveRun(small())
    run.play(60.0, 2)

    def fail() -> None:
        raise ValueError("the score overflows")

    monkeypatch.setattr(run.economy, "step", fail)
    run.playing = True
    run.play(60.0, 3)
    assert run.trouble == "the score overflows"
    assert not run.playing
    assert run.economy.epoch == 2


def test_two_runs_of_one_scenario_are_the_same_however_they_are_cut_into_redraws() -> None:
    whole, pieces = LiveRun(small()), LiveRun(small())
    whole.play(60.0, 12)
    for _ in range(4):
        pieces.play(60.0, 3)
    assert whole.strategies().equals(pieces.strategies())


def test_text_from_a_file_is_shown_as_it_is_written() -> None:
    assert plain("**bold** [link](x) <b> $x$") == r"\*\*bold\*\* \[link\]\(x\) \<b\> \$x\$"


def test_a_table_read_while_another_thread_plays_is_whole() -> None:
    run = LiveRun(small())
    run.play(60.0, 1)
    player = threading.Thread(target=run.play, args=(60.0, 300))
    player.start()
    rows = []
    while player.is_alive():
        shown = run.strategies()
        rows.append(len(shown) - shown["epoch"].nunique() * len(run.economy.groups.role))
    player.join()
    assert set(rows) == {0}
    assert run.economy.epoch == 301


def test_an_edit_made_while_another_thread_plays_is_never_missed() -> None:
    run = LiveRun(small())
    run.playing = True
    for attempt in range(20):
        player = threading.Thread(target=run.tick, args=(60.0, 10))
        player.start()
        run.edit({"reward.audit_rate": attempt / 20})
        player.join()
        run.tick(60.0, 1)
        assert run.economy.rules.scenario.reward.audit_rate == attempt / 20


def test_a_tick_plays_nothing_once_the_run_is_paused() -> None:
    run = LiveRun(small())
    run.tick(60.0, 5)
    assert run.economy.epoch == 0
