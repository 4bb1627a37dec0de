import io
import json
import threading
import zipfile

import numpy as np
import pytest

from model.charts.lines import MOST_POINTS
from model.economy import Economy
from model.pages.limits import LARGEST_NETWORK
from model.pages.sandbox.live_run import OPENING_EPOCHS, LiveRun
from model.pages.sandbox.past import CURVES, HOLDER_SHARE, N_TOP
from model.pages.wording import days, sentence
from model.scenario.interventions import Intervention
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import digest, find, loads, with_values

SMALL = {"subnets.count": 1, "subnets.n_validators": 2, "subnets.n_miners": 4, "miners.mix": {"honest": 1.0}}


def small(**more: object) -> Scenario:
    return with_values(Scenario(name="small"), SMALL | more)


def test_lines_have_few_points_of_a_long_run_the_first_and_the_last() -> None:
    run = LiveRun(small())
    run.play(60.0, 2 * MOST_POINTS + 61)
    shown = run.over_time("strategies", "earned_tao", "wealth_tao")
    assert shown["epoch"].nunique() <= MOST_POINTS
    assert (shown["epoch"].min(), shown["epoch"].max()) == (0, 2 * MOST_POINTS + 60)
    recorded = run.economy.tables()["strategies"]
    kept = recorded[recorded["epoch"].isin(shown["epoch"])]
    assert shown["earned_tao"].tolist() == kept["earned_tao"].tolist()
    assert shown["wealth_tao"].tolist() == kept["wealth_tao"].tolist()


def test_what_is_kept_of_an_epoch_is_what_the_economy_said_then() -> None:
    run = LiveRun(find("gamed"))
    seen = {}
    for epoch in range(6):
        run.play(60.0, 1)
        reward_tao = run.economy.records.participant_tao["reward"]
        seen[epoch] = (np.sort(reward_tao)[::-1][:N_TOP].tolist(), run.capabilities(), run.figures(epoch))
    for epoch in range(5):
        run.go_to(epoch)
        assert run.epoch == epoch
        assert run.top_earners()["reward_tao"].tolist() == seen[epoch][0]
        assert run.capabilities().equals(seen[epoch][1])
        assert run.figures(run.epoch) == seen[epoch][2]


def test_lorenz_curves_run_from_corner_to_corner_below_the_diagonal() -> None:
    run = LiveRun(find("gamed"))
    run.play(60.0, 2)
    curves = run.lorenz()
    assert list(dict.fromkeys(curves["holders"])) == list(CURVES)
    for _, curve in curves.groupby("holders"):
        assert curve["amount_share"].iloc[[0, -1]].tolist() == [0.0, 1.0]
        assert (curve["amount_share"] <= HOLDER_SHARE + 1e-12).all()


def test_going_to_an_epoch_shows_the_past_or_plays_up_to_it() -> None:
    run = LiveRun(small())
    run.play(60.0, 5)
    run.go_to(2)
    assert (run.epoch, run.shown, run.playing) == (2, 2, False)
    run.go_to(4)
    assert (run.epoch, run.shown, run.playing) == (4, None, False)
    run.go_to(9)
    assert run.playing
    run.tick(60.0, 100)
    assert (run.epoch, run.economy.epoch, run.playing) == (9, 10, False)


def test_playing_on_returns_from_the_past() -> None:
    run = LiveRun(small())
    run.play(60.0, 5)
    run.go_to(1)
    run.play(60.0, 1)
    assert (run.shown, run.epoch) == (None, 5)


def test_the_honest_twin_plays_the_same_epochs_with_the_same_edits() -> None:
    run = LiveRun(find("gamed"))
    run.play(60.0, 3)
    run.edit({"reward.capability_weight.speed": 0.1})
    run.play(60.0, 2)
    run.follow(60.0)
    assert run.twin is not None
    changes = [Intervention(epoch=3, values={"reward.capability_weight.speed": 0.1})]
    honest = with_values(find("gamed"), {"miners.mix": {"honest": 1.0}, "validators.mix": {"honest": 1.0}})
    twin = Economy(honest, interventions=changes)
    for _ in range(5):
        twin.step()
    shown = run.over_time("twin", "users_value")
    assert shown["users_value"].tolist() == twin.records.epochs.frame()["users_value"].tolist()


def test_a_run_of_honest_people_is_its_own_twin() -> None:
    assert LiveRun(small()).twin is None
    assert not LiveRun(small()).is_twin_behind()


@pytest.mark.parametrize(
    "values",
    [
        {"subnets.count": 1024, "subnets.n_miners": 4096, "miners.purse_tao": 0.0, "market.tao_reserve_tao": 1.0},
        {"nominators.count": 100_000, "subnets.count": 100, "nominators.stake_alpha": 1.0},
    ],
)
def test_a_network_too_large_for_a_page_is_refused_before_it_takes_memory(values: dict[str, object]) -> None:
    run = LiveRun(small())
    before = run.economy
    with pytest.raises(ValueError, match=f"must be <= {LARGEST_NETWORK:,} on this page"):
        run.start(small(**values))
    assert run.economy is before


def test_the_archive_holds_the_scenario_that_gives_its_digest() -> None:
    run = LiveRun(small())
    run.play(60.0, 7)
    run.edit({"reward.audit_rate": 0.5})
    run.play(60.0, 2)
    with zipfile.ZipFile(io.BytesIO(run.archive("page"))) as bundle:
        manifest = json.loads(bundle.read("manifest.json"))
        scenario = loads(bundle.read("scenario.toml"))
    assert digest(scenario) == manifest["scenario_digest"]
    assert scenario.epochs == manifest["epochs"] == 9
    assert manifest["interventions"] == [{"epoch": 7, "values": {"reward.audit_rate": 0.5}}]


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
    weight = run.over_time("shares").query("capability == 'speed'").set_index("epoch")["weight_share"]
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
    run.edit({"reward.capability_weight.speed": 1.0})
    run.play(60.0, 3)
    assert run.base_epoch == 3
    run.go_to(2)
    assert run.base_epoch == 0


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
    assert whole.over_time("strategies").equals(pieces.over_time("strategies"))


def test_a_long_trouble_is_cut_to_one_line() -> None:
    assert sentence(ValueError("a\nb.")) == "a b"
    assert len(sentence(ValueError("x" * 5_000))) < 410
    assert sentence(ValueError()) == "ValueError"


def test_time_on_the_chain_is_in_days_and_then_in_years() -> None:
    assert days(20, 360) == "1.0 days"
    assert days(2922, 18_000) == "20.0 years"


def test_a_table_read_while_another_thread_plays_is_whole() -> None:
    run = LiveRun(small())
    run.play(60.0, 1)
    player = threading.Thread(target=run.play, args=(60.0, 300))
    player.start()
    rows = []
    while player.is_alive():
        shown = run.over_time("strategies", "earned_tao")
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
