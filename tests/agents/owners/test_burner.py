"""The owner that withholds miners' pay: the work falls with the pot."""

import pytest


@pytest.mark.parametrize("burn_share", [0.25, 0.5])
def test_miners_spend_less_in_the_proportion_in_which_they_are_paid_less(governed, burn_share):
    paid, burned = governed("fixed", 15), governed("burner", 15, burn_share=burn_share)
    for column in ("miner_pot_tao", "spend_tao"):
        whole, part = (economy.records.subnets.last(column) for economy in (paid, burned))
        assert part == pytest.approx((1 - burn_share) * whole, rel=1e-4)
    assert burned.state.miner_burned_share == pytest.approx(burn_share, abs=1e-6)
    assert burned.state.burned_alpha_rao.min() > 0


def test_nobody_works_for_an_owner_who_keeps_everything(governed):
    economy = governed("burner", 3, burn_share=1.0)
    assert economy.records.epochs.last("spend_tao")[0] == 0
