"""Every experiment of the verification battery's list has a file, and every number of it is an answer in one.

Source: the project's theory, section 6, and its table of expected numbers. Of experiment 14, the ratios of Bitcoin to
supercomputers follow from facts without any run; they are tested with claim (a).
"""

import pytest

from model.experiments.battery import spec

SHIPPED = {one.name: one for one in spec.shipped()}

# Name in the list: files that play it, largest tolerance stated (absolute, relative), and the numbers to be met.
LISTED = {
    "1 Published Yuma retention": (
        ("retention",), (0.015, 0.0), (0.60, 0.67, 0.73, 0.78, 0.76, 0.73, 0.82, 0.78, 0.73),
    ),
    "1 Published Yuma retention: the cabal's vote, on a grid of 21": (("retention",), (0.05, 0.0), (0.8, 1.0)),
    "3 Mining oligopoly": (
        ("oligopoly",), (0.005, 0.005), (0.368421, 0.305263, 0.210526, 0.115789, 0, 0, 631.5789, 0.286648),
    ),
    "4 What is scored is done": (
        ("effort",), (0.0, 0.02), (54, 27, 9, 54, 13.5, 18, 0.912547, 0.456273, 0.179737),
    ),
    "6 Resources follow rewards": (
        ("resources", "heads"), (0.01, 0.01),
        (5, 3, 1.5, 0.5, 12.5, 0.125, 0.615385, 0.184615, 0.015385, 0.677966, 0.20339, 0.101695, 0.016949,
         0.5, 0.3, 0.15, 0.05),
    ),
    "7 Market vs scheduler": (
        ("market-or-scheduler", "planner", "crossing", "few-subnets"), (0.015, 0.0),
        (0.912871, 0.982915, 1, 0.730297, 0.791359, 0.969233, 0.882497, 0.606531),
    ),
    "9 Collusion table and beta*": (
        ("collusion",), (1e-3, 0.0),
        (0.416667, 0.166667, 0.291667, 0.246212, 0.331439, 0.287356, 0.352011, 0.121951, 0.02439, 0.073171,
         0.809249, 0.364162, 0.586705, 0.5, 0.125, 0.857143),
    ),
    "10 kappa regimes and tie": (
        ("kappa", "median-bias"), (0.02, 0.0),
        (0.56, 0.45, 0.505, 0.3125, 0.140625, 0.226563, 1, 0.725, 0.859375, 0.929688, 0.6, 0.5, 0.55,
         0.13971, 0.318639, 0.565949, 0.967422, 1.33518),
    ),
    "12 vtrust identity, late bonds": (("trust", "late-bonds"), (1e-6, 0.0), (10, 14, 7.333333)),
    "14 Issuance and 600,000x": (
        ("issuance", "recycling", "tao-recycling"), (1.0, 0.0),
        (12_450_000, 15_900_000, 17_074_500, 1458.3333, 1620.37, 1.0, 0.5, 0.25, 0.0),
    ),
    "15 Lock-in": (
        ("lock-in", "decay", "pool-path"), (0.02, 0.02),
        (0.5, 0.25, 0.125, 0.606973, 0.225489, 0.083769, 0.806922, 0.142645, 0.025216, 1, 0, 0.08, 0.04, 0.02,
         0.7, 0.4, 0.1),
    ),
    "16 Learning paths": (
        ("learning-paths",), (0.005, 0.0),
        (0.443268, 0.285817, 0.171275, 0.099641, 0.494347, 0.300396, 0.152845, 0.052412, 0.451008, 0.298987, 0.173575,
         0.07643, 0.357549, 0.278335, 0.209689, 0.154426, 0.289795, 0.259336, 0.23443, 0.216439),
    ),
    "19 Audit thresholds": (("audit", "removal", "inspection"), (0.2, 0.0), (0.0, 0.266667, 0.15)),
}  # fmt: skip

# Audit rates at which lying stops paying, by how the arms at, below and above each of them begin.
AUDIT_RATES = {
    ("audit", "fine 11"): 0.333333,
    ("audit", "pay kept"): 0.454545,
    ("audit", "new identity"): 0.25,
    ("removal", "audit rate"): 0.050505,
}


def answers(names):
    """Every number that these experiments expect, with the tolerance it is held to."""
    for name in names:
        one = SHIPPED[name]
        for arm in one.arms:
            for answer in arm.expected.values():
                for number in answer if isinstance(answer, tuple) else (answer,):
                    yield number, one.tolerance_of(arm, number)


@pytest.mark.parametrize("title", list(LISTED))
def test_every_experiment_of_the_list_has_a_file_and_every_number_an_answer(title):
    names, (absolute, relative), numbers = LISTED[title]
    assert not set(names) - set(SHIPPED)
    known = list(answers(names))
    for number in numbers:
        near = [held for theory, held in known if theory == pytest.approx(number, rel=2e-6, abs=1e-6)]
        assert near, f"{number} is nobody's answer"
        assert min(near) <= absolute + relative * abs(number) + 1e-9


@pytest.mark.parametrize(("name", "arms"), list(AUDIT_RATES))
def test_audits_are_swept_around_each_critical_rate(name, arms):
    swept = [arm for arm in SHIPPED[name].arms if arm.name.startswith(arms)]
    gain = {arm.settings["reward.audit_rate"]: next(iter(arm.expected.values())) for arm in swept}
    rate = AUDIT_RATES[name, arms]
    assert gain[min(gain, key=lambda near: abs(near - rate))] == 0
    assert min(abs(near - rate) for near in gain) < 1e-6
    assert all((near < rate - 1e-6) == (worth > 0) for near, worth in gain.items())
    assert min(gain.values()) < 0 < max(gain.values())


def test_every_file_belongs_to_the_list():
    assert {name for names, *_ in LISTED.values() for name in names} == set(SHIPPED)
