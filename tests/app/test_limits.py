"""What a page takes in, and what it refuses in one sentence."""

from dataclasses import replace

import pytest

from model.experiments.sweeps.execution.estimate import estimate_at
from model.experiments.sweeps.spec.factors import Factor
from model.experiments.sweeps.spec.spec import Spec
from model.pages import limits
from model.pages.limits import check_estimate, check_size, check_sweep
from model.scenario.scenario_file import find, with_values

SWEEP = Spec(scenario="gamed", factors=(Factor(path="reward.audit_rate", values=(0.0, 0.1)),))


def test_what_comes_with_the_sandbox_is_taken() -> None:
    check_sweep(SWEEP)
    check_size(find("full-network"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"replicates": 900_000}, "must have <= 20,000 runs, has 1,800,000"),
        ({"replicates": 1_001}, "replicates must be <= 1,000 on this page"),
        ({"epochs": 10_001}, "epochs must be <= 10,000 on this page; the command line takes more, is 10,001"),
        (
            {"values": {"subnets.count": 128, "subnets.n_validators": 256, "subnets.n_miners": 256}},
            "subnets x validators x uids must be <=",
        ),
        (
            {
                "factors": (Factor(path="subnets.n_miners", values=(16, 4_096)),),
                "values": {"subnets.n_validators": 256},
            },
            "uids",
        ),
        (
            {
                "factors": (Factor(path="nominators.count", values=(1, 100_000)),),
                "values": {"subnets.count": 64, "nominators.stake_alpha": 1.0},
            },
            "nominators x",
        ),
    ],
)
def test_a_sweep_too_large_is_one_sentence(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_sweep(replace(SWEEP, **changes))  # type: ignore[arg-type]


def test_time_and_disk_are_limited_too() -> None:
    check_estimate(estimate_at(SWEEP, 50, 1.0), 2)
    with pytest.raises(ValueError, match=r"seconds that the sweep takes must be <= 86,400 on this page.*is 100,000"):
        check_estimate(estimate_at(SWEEP, 50, 100_000.0), 2)
    long = replace(SWEEP, replicates=9_000, outcomes=(replace(SWEEP.outcomes[0], over="series"),))
    with pytest.raises(ValueError, match="bytes of the sweep's folder must be <= 1,000,000,000"):
        check_estimate(estimate_at(long, 10_000, 1.0), 2)


def test_a_network_too_large_for_a_page_is_refused_before_it_is_built() -> None:
    large = with_values(find("gamed"), {"subnets.n_miners": 4_096, "subnets.n_validators": 256})
    with pytest.raises(ValueError, match=f"must be <= {limits.LARGEST_NETWORK:,} on this page"):
        check_size(large)
