"""Hardware after the reward has moved: where it is owned and of use for one thing alone, it stays for a while."""

import pytest

from model.experiments.claims import owned_hardware
from model.experiments.claims.owned_hardware import AFTER_EPOCHS, KINDS
from model.experiments.claims.study import FAILS, HOLDS, play

KIND = {kind.name: kind for kind in KINDS}
SUNK = ("owned, lasts three years", "owned, lasts one year", "owned, a tenth of its cost is sunk")


def followed(*names, seeds=(1, 2)):
    """Findings of these kinds of hardware."""
    return play(owned_hardware.cases([KIND[name] for name in names]), seeds)


def test_what_is_rented_or_wanted_elsewhere_follows_at_once():
    rows = followed("rented", "owned, wanted in another subnet as well")
    assert rows["mean"].to_numpy() == pytest.approx(1, abs=1e-9)
    assert (rows["verdict"] == HOLDS).all()


@pytest.mark.parametrize("name", SUNK)
def test_what_is_owned_moves_by_the_law_of_motion(name):
    rows = followed(name)
    assert rows["mean"].to_numpy() == pytest.approx(rows["theory"].to_numpy(), abs=1e-5)
    assert rows["mean"].is_monotonic_increasing
    assert rows["verdict"].iloc[0] == FAILS
    assert rows["position"].tolist() == list(AFTER_EPOCHS)


def test_the_less_is_sunk_and_the_shorter_it_lasts_the_faster_it_goes():
    rows = followed(*SUNK)
    after = rows.pivot(index="position", columns="setting", values="mean")
    assert (after["owned, lasts three years"] <= after["owned, lasts one year"]).all()
    assert (after["owned, lasts one year"] < after["owned, a tenth of its cost is sunk"]).all()
    assert after.loc[40, "owned, lasts three years"] == pytest.approx(0.311, abs=1e-3)


def test_miners_who_learn_do_not_go_faster():
    rows = followed("owned, lasts three years, miners who learn")
    assert rows["mean"].to_numpy() == pytest.approx(rows["theory"].to_numpy(), abs=0.06)
    assert (rows["verdict"] == FAILS).all()


def test_the_curve_runs_through_the_theory_of_each_case():
    curve = owned_hardware.curve().set_index(["hardware", "epochs_after"])["elasticity"]
    for case in owned_hardware.cases():
        for one in case.measures:
            if (case.setting, one.position) in curve.index:
                assert curve[case.setting, one.position] == one.theory
    assert set(curve.index.get_level_values(0)) == {"rented", *SUNK}
