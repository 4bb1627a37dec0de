"""The float64 engine against the judge, on subnets that no golden file describes."""

import random

import pytest

from ext.chain_state import EpochRule, SubnetSnapshot
from ext.exact import exact_epoch
from ext.masks import NEVER
from model.fidelity.float_epoch import float_epoch
from model.fidelity.outcome import Outcome

N_SUBNETS = 150


def any_subnet(draw):
    """A subnet with everything that masks, bends or carries: stakes within a factor of a hundred of each other."""
    n_uids, block = draw.randint(1, 9), draw.randint(50, 200)
    permit = [draw.random() < 0.8 for _ in range(n_uids)]

    def row(lowest):
        columns = sorted(draw.sample(range(n_uids), draw.randint(0, n_uids)))
        return [(column, draw.choice([lowest, 32_768, draw.randint(2_000, 65_535)])) for column in columns]

    return SubnetSnapshot(
        block=block,
        emission_rao=draw.choice([0, 1, 10**9, 10**12]),
        stake_rao=[draw.choice([0, 10**9, draw.randint(10**9, 10**11)]) for _ in range(n_uids)],
        last_update_block=[draw.choice([block - 1, draw.randint(0, block)]) for _ in range(n_uids)],
        registered_block=[draw.choice([1, 1, draw.randint(1, block)]) for _ in range(n_uids)],
        weight_u16=[row(0) for _ in range(n_uids)],
        bond_u16=[row(65_535) if permitted else [] for permitted in permit],
        permit=permit,
        commit_block=[draw.choice([NEVER, draw.randint(1, block)]) for _ in range(n_uids)],
        owner_uid=draw.choice([None, draw.randrange(n_uids)]),
        last_step_block=draw.choice([0, draw.randint(1, block)]),
    )


def any_rule(draw):
    alpha_low = draw.randint(1_638, 60_000)
    return EpochRule(
        kappa_u16=draw.choice([1, 20_000, 32_767, 65_535]),
        bonds_penalty_u16=draw.choice([0, 30_000, 65_535]),
        bonds_moving_average_ppm=draw.choice([0, 500_000, 975_000, 1_000_000]),
        liquid_alpha=draw.random() < 0.5,
        alpha_low_u16=alpha_low,
        alpha_high_u16=draw.randint(alpha_low, 65_535),
        alpha_sigmoid_steepness_hundredths=draw.choice([-500, 0, 1_000, 3_000]),
        yuma3=draw.random() < 0.6,
        max_allowed_validators=draw.randint(1, 10),
        stake_threshold_rao=draw.choice([0, 10**10]),
        tempo_blocks=draw.choice([0, 10, 360]),
        activity_cutoff_factor_milli=draw.choice([1_000, 13_889]),
        commit_reveal=draw.random() < 0.5,
    )


@pytest.mark.parametrize("seed", range(3))
def test_float64_stays_within_one_u16_unit_and_two_rao_of_the_exact_epoch(seed):
    draw = random.Random(seed)
    for _ in range(N_SUBNETS):
        snapshot, rule = any_subnet(draw), any_rule(draw)
        exact = Outcome.of_exact(exact_epoch(snapshot, rule)).values(snapshot)
        floating = float_epoch(snapshot, rule).values(snapshot)
        for name, value in exact.items():
            if name == "bonds_u16":
                pairs = value.keys() | floating[name].keys()
                gap = max((abs(value.get(p, 0) - floating[name].get(p, 0)) for p in pairs), default=0)
            else:
                gap = max(abs(a - b) for a, b in zip(value, floating[name], strict=True))
            rao = max(2, 2e-8 * snapshot.emission_rao)
            allowed = rao if "emission" in name else 1 if name.endswith("u16") else 0
            assert gap <= allowed, (name, snapshot, rule)
