"""The miner that lies when it does not expect to be looked at: when that is, and where it ends."""

from dataclasses import replace

import numpy as np
import pytest

from agents.miners.inspectee import Inspectee
from agents.owners.inspector import Inspector
from model.economy import Economy
from model.epoch.asking import draws_for
from model.yardsticks.theory.verification import inspection_game


def believes(lone_miner, audit_rate, **rules):
    """View of a miner with a pot of 4 TAO to itself that has been audited in this share of a thousand epochs."""
    memory = {
        "epochs": np.array([1000.0]),
        "audits": np.array([1000 * audit_rate]),
    }
    view = lone_miner([4.0], budget_tao=100.0, memory=memory)
    public = replace(view.public, **{"fine_tao": 11.0, "detection_share": 1.0} | rules)
    return replace(view, public=public)


def decided(view, **parameters):
    return Inspectee(**parameters).decide(view, draws_for(view, np.zeros(1, np.uint64), 0))


def lies(view, **parameters):
    parameters = {"spend_share": 1.0, "work_share": 1e-6, "anticipation": 0.0} | parameters
    return bool(decided(view, **parameters).claim_factor[0] > 1)


@pytest.mark.parametrize(
    ("rules", "threshold"),
    [
        ({}, 4 / 15),
        ({"fine_tao": 21.0}, 4 / 25),
        ({"detection_share": 0.8}, 4 / 15 / 0.8),
        ({"confiscates": False}, 4 / 11),
    ],
)
def test_it_lies_below_the_audit_rate_that_deters(lone_miner, rules, threshold):
    assert lies(believes(lone_miner, threshold - 0.01, **rules))
    assert not lies(believes(lone_miner, threshold + 0.01, **rules))


def test_who_saves_half_the_work_is_deterred_by_half_the_audits(lone_miner):
    assert lies(believes(lone_miner, 2 / 15 - 0.01), work_share=0.5)
    assert not lies(believes(lone_miner, 2 / 15 + 0.01), work_share=0.5)


def test_its_claim_is_what_honest_work_would_have_given(lone_miner):
    honest, lying = (decided(believes(lone_miner, rate), work_share=0.1) for rate in (1.0, 0.0))
    assert lying.resource * lying.claim_factor[:, np.newaxis] == pytest.approx(honest.resource)
    assert lying.resource == pytest.approx(0.1 * honest.resource)


def test_the_last_epoch_counts_again_for_who_anticipates(lone_miner):
    audited = replace(believes(lone_miner, 0.26), audited=np.ones(1, dtype=bool))
    assert lies(audited)
    assert not lies(audited, anticipation=10.0)


def game(n_epochs, anticipation):
    """Audits and lies in the scenario's inspection games, epoch after epoch, two of (epoch, subnet)."""
    economy = Economy(
        "inspection",
        subnets__count=40,
        miners__parameters={"inspectee": {"spend_share": 1.0, "work_share": 1e-6, "anticipation": anticipation}},
        owners__parameters={"inspector": {"harm_tao": 2.0, "anticipation": anticipation}},
    )
    for _ in range(n_epochs):
        economy.step()
    frame = economy.records.subnets.frame()
    return tuple(frame[name].to_numpy().reshape(n_epochs, -1) for name in ("audits", "lied"))


def test_averages_come_to_the_mixed_equilibrium_and_actions_do_not():
    audits, lies = game(160, anticipation=2.0)
    equilibrium = inspection_game(4.0, 11.0, 0.3, 2.0)
    assert (audits[80:].mean(), lies[80:].mean()) == pytest.approx(equilibrium, abs=0.01)
    assert set(np.unique(audits[-1])) | set(np.unique(lies[-1])) == {0, 1}
    assert (np.ptp(audits[-40:], axis=0) == 1).all()


def test_plain_fictitious_play_is_on_its_way_there_but_slowly():
    audits, _ = game(160, anticipation=0.0)
    error = abs(audits.mean() - 4 / 15)
    assert 0.02 < error < 0.06
    early, late = (np.abs(audits[:n].mean(axis=0) - 4 / 15).mean() for n in (40, 160))
    assert late < 0.75 * early


def test_parameters_out_of_range_are_named():
    with pytest.raises(ValueError, match=r"work_share of inspectee must lie in \[1e-06, 1\], is 0"):
        Inspectee(work_share=0)
    with pytest.raises(ValueError, match=r"harm_tao of inspector must lie in \[0, 1e\+06\], is -1"):
        Inspector(harm_tao=-1)
