import inspect
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from ext import comparison, reference
from ext.consensus import NO_BUFFERS, PARAMETERS, WHERE_POSITIVE, epoch_buffers, run_epoch, yuma_epoch
from ext.masks import NEVER, NOTHING_MASKED, chain_masks

CHAIN_KAPPA = 32767 / 65535
PERMIT_ALL = {"max_validators": 10_000}


def subnet(weight, stake, bond=None, **options):
    """Epoch of one subnet whose validators are its first uids."""
    weight = np.asarray(weight, float)[None]
    n_validators, n_uids = weight.shape[1:]
    full_stake = np.zeros((1, n_uids))
    full_stake[0, : len(stake)] = stake
    bond = np.zeros_like(weight) if bond is None else np.asarray(bond, float)[None]
    options = PERMIT_ALL | {"quantise_bonds": False} | options
    return yuma_epoch(weight, full_stake, bond, np.arange(n_validators)[None], **options)


def two_blocs(s, u, w, penalty, kappa, n=1):
    """Incentive, dividend and emission of a cabal of stake s; both blocs have n validators and one server."""
    row = np.zeros((2 * n, 2 * n + 2))
    row[:n, -2], row[:n, -1] = w, 1 - w
    row[n:, -2], row[n:, -1] = u, 1 - u
    stake = np.r_[np.full(n, s / n), np.full(n, (1 - s) / n)]
    epoch = subnet(row, stake, kappa=kappa, bonds_penalty=penalty, bonds_moving_average=0.0, yuma3=False)
    emission = epoch.emission_share[0]
    return epoch.incentive[0, -2], epoch.dividend[0, :n].sum(), emission[:n].sum() + emission[-2]


@st.composite
def networks(draw, max_subnets=3, max_uids=40):
    """Random weights, stakes, bonds, masks and parameters, with ties, empty rows and different rules per subnet."""
    n_subnets, n_uids = draw(st.integers(1, max_subnets)), draw(st.integers(1, max_uids))
    n_validators = draw(st.integers(1, n_uids))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (n_subnets, n_validators, n_uids)
    weight = {
        "smooth": lambda: rng.random(shape),
        "ties": lambda: rng.integers(0, 4, shape).astype(float),
        "sparse": lambda: rng.random(shape) * (rng.random(shape) < 0.3),
        "agreeing": lambda: rng.random((n_subnets, 1, n_uids)) * (1 + 0.1 * rng.normal(size=shape)).clip(0),
    }[draw(st.sampled_from(["smooth", "ties", "sparse", "agreeing"]))]()
    weight[rng.random(shape[:2]) < 0.1] = 0.0
    stake = rng.integers(0, draw(st.sampled_from([4, 1000])), (n_subnets, n_uids)).astype(float)
    bond = rng.random(shape) * (rng.random(shape) < 0.7)
    uid = np.stack([rng.permutation(n_uids)[:n_validators] for _ in range(n_subnets)])
    uid[rng.random(uid.shape) < draw(st.sampled_from([0.0, 0.2]))] = -1
    per_uid = (n_subnets, n_uids)
    masks = chain_masks(
        block=100,
        permit=rng.random(per_uid) < 0.9,
        last_update_block=rng.integers(40, 100, per_uid),
        registered_block=rng.integers(0, 60, per_uid),
        last_tempo_block=rng.integers(30, 60, n_subnets),
        activity_cutoff_blocks=50,
        commit_block=np.where(rng.random(per_uid) < 0.5, NEVER, rng.integers(30, 60, per_uid)),
        owner_uid=rng.integers(-1, n_uids, n_subnets),
    )
    present = rng.random(shape) < 0.3
    parameters = {
        "kappa": rng.choice([1e-9, 0.3, CHAIN_KAPPA, 0.5, 0.7, 1.0], n_subnets),
        "bonds_penalty": rng.choice([0.0, 0.4, 1.0], n_subnets),
        "bonds_moving_average": rng.choice([0.0, 0.5, 0.9, 1.0], n_subnets),
        "alpha_low": 0.4 * rng.random(n_subnets),
        "alpha_high": 0.5 + 0.5 * rng.random(n_subnets),
        "alpha_sigmoid_steepness": rng.choice([-3.0, 0.0, 10.0, 100.0], n_subnets),
        "stake_threshold": rng.choice([0.0, 2.0, 100.0], n_subnets),
        "max_validators": rng.integers(0, n_uids + 3, n_subnets),
        "yuma3": rng.random(n_subnets) < 0.6,
        "liquid_alpha": rng.random(n_subnets) < 0.6,
        "count_heads": rng.random(n_subnets) < 0.3,
        "clip": rng.random(n_subnets) < 0.8,
        "bonded": rng.random(n_subnets) < 0.8,
        "quantise_bonds": np.zeros(n_subnets),
    }
    masks = masks if draw(st.booleans()) else NOTHING_MASKED
    return (weight, stake, bond, uid), masks, present if draw(st.booleans()) else WHERE_POSITIVE, parameters


# Theorems

CABAL = [  # s, u, w, penalty: incentive, dividend, emission of the cabal (CLOSED_FORMS 2.2)
    (0.4, 0.3, 1.0, 1.0, 0.416667, 0.166667, 0.291667),
    (0.4, 0.3, 1.0, 0.5, 0.416667, 0.246212, 0.331439),
    (0.4, 0.3, 1.0, 0.0, 0.416667, 0.287356, 0.352011),
    (0.2, 0.1, 1.0, 1.0, 0.121951, 0.024390, 0.073171),
    (0.45, 0.7, 1.0, 1.0, 0.809249, 0.364162, 0.586705),
]


@pytest.mark.parametrize(("s", "u", "w", "penalty", "incentive", "dividend", "emission"), CABAL)
def test_a_cabal_below_kappa_earns_what_the_closed_form_says(s, u, w, penalty, incentive, dividend, emission):
    assert_allclose(two_blocs(s, u, w, penalty, CHAIN_KAPPA), (incentive, dividend, emission), atol=6e-7)


@pytest.mark.parametrize(("s", "u"), [(0.4, 0.3), (0.2, 0.1), (0.3, 0.6)])
def test_overweighting_itself_pays_a_cabal_just_below_the_threshold_penalty_and_not_just_above(s, u):
    threshold = u / (1 - s)
    truthful = (s + u) / 2
    assert two_blocs(s, u, u + 1e-4, threshold - 0.01, 0.5)[2] > truthful
    assert two_blocs(s, u, u + 1e-4, threshold + 0.01, 0.5)[2] < truthful


@pytest.mark.parametrize(
    ("s", "kappa", "expected"),
    [
        (0.45, 0.4, (0.56, 0.45, 0.505)),
        (0.45, 0.5, (0.3125, 0.140625, 0.2265625)),
        (0.45, 0.6, (1.0, 0.45, 0.725)),
    ],
)
def test_kappa_decides_whose_weights_are_clipped(s, kappa, expected):
    assert_allclose(two_blocs(s, 0.2, 1.0, 1.0, kappa), expected, atol=1e-9)


def test_a_majority_cabal_takes_almost_everything():
    assert two_blocs(0.55, 0.2, 1.0, 1.0, 0.5)[2] == pytest.approx(0.929688, abs=1e-6)


@pytest.mark.parametrize("kappa", [0.5, CHAIN_KAPPA])
@pytest.mark.parametrize("n", [1, 3, 5, 7, 10])
def test_half_of_the_stake_is_support_however_many_hold_it(kappa, n):
    assert_allclose(two_blocs(0.5, 0.2, 1.0, 1.0, kappa, n), (0.6, 0.5, 0.55), atol=1e-9)


def test_a_hair_above_half_half_of_the_stake_is_no_support():
    assert two_blocs(0.5, 0.2, 1.0, 1.0, 0.5 + 1e-9)[0] == pytest.approx(0.2 / 0.2)


@pytest.mark.parametrize(("s", "bias_sd"), [(0.1, 0.1397), (0.2, 0.3186), (0.3, 0.5659), (0.4, 0.9674)])
def test_a_coalition_pushes_consensus_to_the_honest_quantile(s, bias_sd):
    n_honest = 2001
    score = [NormalDist(0.5, 0.1).inv_cdf((i + 0.5) / n_honest) for i in range(n_honest)]
    weight = np.zeros((n_honest + 1, n_honest + 3))
    weight[:n_honest, -2], weight[:n_honest, -1] = score, 1 - np.array(score)
    weight[-1, -2] = 1.0
    stake = np.r_[np.full(n_honest, (1 - s) / n_honest), s]
    consensus = subnet(weight, stake, kappa=0.5).consensus[0, -2]
    assert (consensus - 0.5) / 0.1 == pytest.approx(bias_sd, abs=0.003)


def test_without_memory_dividend_per_stake_is_proportional_to_trust():
    rng = np.random.default_rng(1)
    weight = rng.random((12, 30))
    weight[:, :12] = 0.0
    stake = rng.random(12)
    epoch = subnet(weight, stake, bonds_moving_average=0.0, yuma3=False)
    ratio = epoch.dividend[0, :12] / stake / epoch.validator_trust[0, :12]
    assert_allclose(ratio, ratio[0], rtol=1e-9)


@given(networks())
@settings(deadline=None, derandomize=True, max_examples=60)
def test_shares_sum_to_one_or_nothing_and_bonds_stay_in_the_unit_interval(network):
    arrays, masks, present, parameters = network
    epoch = run_epoch(*arrays, masks, present, NO_BUFFERS, **parameters)
    for share in (epoch.stake_share, epoch.active_share, epoch.incentive, epoch.dividend, epoch.emission_share):
        total = share.sum(axis=1)
        assert (np.isclose(total, 1.0, atol=1e-12) | (total == 0.0)).all()
        assert (share >= 0.0).all()
    assert_allclose(epoch.server_share + epoch.validator_share, epoch.emission_share, atol=1e-15)
    assert ((epoch.bond >= 0.0) & (epoch.bond <= 1.0)).all()


@given(networks(), st.integers(0, 2**32 - 1))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_permuting_uids_and_rows_permutes_the_results(network, seed):
    (weight, stake, bond, uid), _, _, parameters = network
    parameters["max_validators"] = np.full(len(stake), 10_000)  # ties for a permit do go by uid
    rng = np.random.default_rng(seed)
    order, row = rng.permutation(stake.shape[1]), rng.permutation(weight.shape[1])
    rank = np.append(np.argsort(order), -1)  # uid -1 stays nobody
    plain = run_epoch(weight, stake, bond, uid, NOTHING_MASKED, WHERE_POSITIVE, NO_BUFFERS, **parameters)
    moved = run_epoch(
        weight[:, row][:, :, order], stake[:, order], bond[:, row][:, :, order], rank[uid[:, row]],
        NOTHING_MASKED, WHERE_POSITIVE, NO_BUFFERS, **parameters,
    )  # fmt: skip
    for name in ("consensus", "incentive", "dividend", "validator_trust", "emission_share", "permit"):
        assert_allclose(getattr(moved, name), getattr(plain, name)[:, order], atol=1e-12, err_msg=name)
    assert_allclose(moved.bond, plain.bond[:, row][:, :, order], atol=1e-12)


@given(networks(), st.floats(1e-3, 1e3))
@settings(deadline=None, derandomize=True, max_examples=30)
def test_the_units_of_weights_and_stakes_do_not_matter(network, unit):
    (weight, stake, bond, uid), masks, present, parameters = network
    parameters["stake_threshold"] = 0.0
    plain = run_epoch(weight, stake, bond, uid, masks, present, NO_BUFFERS, **parameters)
    scaled = run_epoch(weight * unit, stake * 2.0**10, bond, uid, masks, present, NO_BUFFERS, **parameters)
    assert_allclose(scaled.emission_share, plain.emission_share, atol=1e-12)


def test_a_new_validator_set_bonds_towards_its_weights_at_the_pace_of_the_moving_average():
    weight = [[0, 0, 0, 0.25, 0.75]] * 3
    bond = np.zeros((3, 5))
    for epoch in range(1, 6):
        bond = subnet(weight, [33, 33, 34], bond, bonds_moving_average=0.9).bond[0]
        assert_allclose(bond[:, 4], 0.75 * (1 - 0.9**epoch), atol=1e-12)


# Hand-made cases


def test_a_single_validator_is_the_consensus_and_gets_all_dividends():
    epoch = subnet([[0.0, 1.0, 3.0]], [5.0])
    assert_allclose(epoch.consensus[0], [0.0, 0.25, 0.75])
    assert_allclose(epoch.dividend[0], [1.0, 0.0, 0.0])
    assert_allclose(epoch.emission_share[0], [0.5, 0.125, 0.375])


def test_without_weights_emission_follows_active_stake():
    epoch = subnet(np.zeros((2, 3)), [3.0, 1.0])
    assert_allclose(epoch.emission_share[0], [0.75, 0.25, 0.0])
    assert epoch.incentive.sum() == epoch.dividend.sum() == epoch.server_share.sum() == 0.0


def test_without_permits_emission_follows_all_stake():
    masks = NOTHING_MASKED._replace(permit=np.zeros((1, 1), np.bool_))
    epoch = subnet([[0.0, 1.0], [1.0, 0.0]], [3.0, 1.0], masks=masks)
    assert_allclose(epoch.emission_share[0], [0.75, 0.25])


def test_without_stake_nobody_earns():
    assert subnet([[0.0, 1.0]], [0.0]).emission_share.sum() == 0.0


@pytest.mark.parametrize("yuma3", [False, True])
@pytest.mark.parametrize("liquid_alpha", [False, True])
@pytest.mark.parametrize("mechanism", [yuma_epoch, comparison.stake_mean, comparison.unweighted_median])
@pytest.mark.parametrize("least", [5e-324, 1e-310, 1e-300, 1e-270])
def test_a_weight_that_is_next_to_nothing_bonds_as_in_the_oracle(mechanism, least, yuma3, liquid_alpha):
    # A softmax of far-off scores: the reciprocal of what is paid for a miner is not finite.
    weight = np.array([[[0.0, least, 1.0, 1.0], [0.0, least, 2.0, 1.0]]])
    stake, bond = np.array([[2.0, 1.0, 0.0, 0.0]]), np.array([[[0.0, least, 1.0, 0.0], [0.0, 0.0, 0.5, 0.0]]])
    options = {"yuma3": yuma3, "quantise_bonds": False, "bonds_penalty": 1.0, "bonds_moving_average": 0.9}
    liquid = {"liquid_alpha": False, "alpha_low": 0.7, "alpha_high": 0.9, "alpha_sigmoid_steepness": 10.0}
    if mechanism is yuma_epoch:
        options |= liquid | {"liquid_alpha": liquid_alpha}
    rules = dict.fromkeys(PARAMETERS, 0.0) | liquid | {"kappa": 0.5, "max_validators": 64, "bonded": True} | options
    rules["count_heads"] = mechanism is comparison.unweighted_median
    rules["clip"] = mechanism is not comparison.stake_mean
    kernel = mechanism(weight, stake, bond, [[0, 1]], **options)
    oracle = reference.epoch(weight, stake, bond, np.array([[0, 1]]), **rules)
    for name in ("incentive", "dividend", "emission_share", "bond"):
        ours, theirs = getattr(kernel, name), getattr(oracle, name)
        assert ((ours >= 0.0) & (ours <= 1.0)).all(), name
        assert_allclose(ours, theirs, rtol=1e-9, atol=1e-300, err_msg=name)


@pytest.mark.parametrize("mechanism", [yuma_epoch, comparison.stake_mean, comparison.unweighted_median])
def test_without_active_stake_there_is_no_vote(mechanism):
    masks = chain_masks(
        block=100, permit=np.zeros((1, 3), bool), last_update_block=99, registered_block=0, last_tempo_block=0,
        activity_cutoff_blocks=50,
    )  # fmt: skip
    for stake in ([[1.0, 0.0, 0.0]], [[0.0, 0.0, 0.0]]):
        epoch = mechanism([[[0.0, 1.0, 1.0]]], stake, np.zeros((1, 1, 3)), [[0]], masks=masks, yuma3=False)
        assert not epoch.consensus.any()
        assert not epoch.incentive.any()
        assert not epoch.dividend.any()
        assert epoch.emission_share.tolist() == stake


def test_a_permit_of_this_epoch_counts_in_the_next():
    masks = NOTHING_MASKED._replace(permit=np.array([[True, False, False]]))
    epoch = subnet([[0, 0, 1], [0, 0, 1]], [1.0, 9.0], masks=masks, max_validators=1)
    assert epoch.permit.tolist() == [[False, True, False]]
    assert epoch.dividend[0].tolist() == [1.0, 0.0, 0.0]
    assert not epoch.bond.any()  # uid 0 loses its permit, and uid 1 had none to bond with


def test_equal_stakes_give_permits_to_the_higher_uids():
    assert subnet(np.zeros((1, 6)), [500] * 6, max_validators=3).permit.tolist() == [[0, 0, 0, 1, 1, 1]]


def test_stakes_that_differ_below_the_chains_resolution_are_equal():
    stake = [2e12 + 1, 2e12, 1e12]
    assert subnet(np.zeros((1, 3)), stake, max_validators=1).permit.tolist() == [[False, True, False]]


def test_only_the_owner_may_weight_itself_and_keeps_a_permit_without_stake():
    weight = [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]
    owned = subnet(weight, [5.0, 5.0], masks=NOTHING_MASKED._replace(owner_uid=np.array([0])), kappa=0.3)
    assert_allclose(owned.consensus[0], [0.5, 0.0, 1.0])
    assert subnet(weight, [5.0, 5.0]).consensus[0].tolist() == [0.0, 0.0, 1.0]
    poor = subnet(weight, [0.0, 5.0], masks=NOTHING_MASKED._replace(owner_uid=np.array([0])), max_validators=1)
    assert poor.permit.tolist() == [[True, True, False]]


def test_stake_below_the_threshold_does_not_count_except_the_owners():
    weight = [[0, 0, 1, 1], [0, 0, 1, 0]]
    assert_allclose(subnet(weight, [2.0, 7.0], stake_threshold=5.0).stake_share[0], [0, 1, 0, 0])
    owner = NOTHING_MASKED._replace(owner_uid=np.array([0]))
    assert_allclose(subnet(weight, [3.0, 7.0], stake_threshold=5.0, masks=owner).stake_share[0], [0.3, 0.7, 0, 0])


def test_a_cabal_without_support_earns_no_trust_and_no_bonds():
    weight = np.zeros((3, 5))
    weight[:2, 3] = weight[2, 4] = 1.0
    epoch = subnet(weight, [4.0, 4.0, 2.0])
    assert epoch.consensus[0, 4] == epoch.validator_trust[0, 2] == epoch.bond[0, 2].sum() == 0.0


def test_an_explicit_zero_keeps_a_bond_alive_under_liquid_alpha_and_a_missing_weight_ends_it():
    weight, bond = [[0, 0, 1.0, 0.0]] * 2, np.full((2, 4), 0.4)
    present = np.array([[[0, 0, 1, 1], [0, 0, 1, 0]]], np.bool_)
    epoch = subnet(weight, [1, 1], bond, present=present, liquid_alpha=True, bonds_penalty=0.0)
    assert epoch.bond[0, 0, 3] > 0.0
    assert epoch.bond[0, 1, 3] == 0.0
    assert subnet(weight, [1, 1], bond, bonds_penalty=0.0).bond[0, 1, 3] == pytest.approx(0.9 * 0.4)


@pytest.mark.parametrize("yuma3", [False, True])
def test_stored_bonds_are_floored_to_u16_and_the_largest_of_yuma2_is_one(yuma3):
    rng = np.random.default_rng(3)
    weight = np.c_[np.zeros((7, 7)), rng.random((7, 20))]
    exact = subnet(weight, rng.random(7), yuma3=yuma3)
    stake = np.random.default_rng(3)
    stake.random((7, 20))
    stored = subnet(weight, stake.random(7), yuma3=yuma3, quantise_bonds=True)
    units = 65535 * stored.bond
    assert_allclose(units, np.rint(units), atol=1e-9)
    assert_allclose(np.rint(units), np.floor(65535 * exact.bond + 1e-9))
    assert yuma3 or (np.rint(units)[0, :, 7:].max(axis=0) == 65535).all()


# The chain's tables (CHAIN A1)


FIRST_MOVER = (  # the largest validator moves first
    ["aaa", "baa", "bba", "bbb", "bbb", "bbb"],
    [
        (0.8, 0.1, 0.1),
        (1, 0, 0),
        (0.9382, 0.0618, 0),
        (0.8819, 0.0773, 0.0407),
        (0.8564, 0.0844, 0.0592),
        (0.8418, 0.0884, 0.0697),
    ],
    [(0.1013, 0), (0.0908, 0.1013), (0.0815, 0.1924), (0.0731, 0.2742), (0.0656, 0.3478), (0.0588, 0.4139)],
)
LAST_MOVER = (  # and here it moves last
    ["aaa", "aba", "abb", "bbb", "bbb", "bbb"],
    [
        (0.8, 0.1, 0.1),
        (0.8446, 0.0498, 0.1056),
        (0.8966, 0.0333, 0.0701),
        (0.4663, 0.3210, 0.2127),
        (0.5976, 0.2340, 0.1683),
        (0.6592, 0.1932, 0.1475),
    ],
    [],
)


@pytest.mark.parametrize(("votes", "dividends", "bond"), [FIRST_MOVER, LAST_MOVER])
def test_moving_to_a_new_miner_first_pays_as_on_the_chain(votes, dividends, bond):
    carried = np.zeros((3, 5))
    options = {"alpha_low": 6553 / 65535, "alpha_high": 19660 / 65535, "bonds_penalty": 0.0, "liquid_alpha": True}
    present = np.zeros((1, 3, 5), np.bool_)
    present[:, :, 3:] = True
    for epoch, row in enumerate(votes):
        weight = [[0, 0, 0, vote == "a", vote == "b"] for vote in row]
        result = subnet(weight, [8, 1, 1], carried, present=present, quantise_bonds=True, **options)
        carried = result.bond[0]
        assert_allclose(result.dividend[0, :3], dividends[epoch], atol=1e-3)
        if bond:
            assert_allclose(carried[0, 3:], bond[epoch], atol=1e-3)


def test_yuma3_without_liquid_alpha_bonds_as_on_the_chain():
    bond = np.zeros((3, 5))
    dividends = [(0.33, 0.33, 0.34)] * 2 + [
        (0.3734, 0.3734, 0.2532),
        (0.3611, 0.3611, 0.2779),
        (0.3541, 0.3541, 0.2919),
    ]
    for epoch, dividend in enumerate(dividends):
        weight = [[0, 0, 0, 1, 0], [0, 0, 0, 1, 0], [0, 0, 0, epoch != 2, epoch == 2]]
        result = subnet(weight, [33, 33, 34], bond, bonds_penalty=0.0, bonds_moving_average=0.975, quantise_bonds=True)
        bond = result.bond[0]
        assert_allclose(result.dividend[0, :3], dividend, atol=1e-3)
        assert bond[0, 3] == pytest.approx((0.0250, 0.0494, 0.0731, 0.0963, 0.1189)[epoch], abs=1e-4)


# Kernel against oracle


@given(networks())
@settings(deadline=None, derandomize=True, max_examples=120)
def test_the_kernel_is_the_oracle(network):
    arrays, masks, present, parameters = network
    kernel = run_epoch(*arrays, masks, present, NO_BUFFERS, **parameters)
    oracle = reference.epoch(*arrays, masks=masks, present=present, **parameters)
    for name in kernel._fields:
        assert_allclose(getattr(kernel, name), getattr(oracle, name), atol=1e-12, rtol=0, err_msg=name)


@pytest.mark.parametrize("rule", [{"yuma3": False}, {"yuma3": True}, {"liquid_alpha": True}], ids=str)
def test_the_kernel_is_the_oracle_at_full_size(rule):
    rng = np.random.default_rng(5)
    weight = rng.lognormal(size=(3, 1, 256)) * (1 + 0.1 * rng.normal(size=(3, 64, 256))).clip(0)
    weight[:, :12, :-10] = 0.0  # a cartel of twelve
    stake = np.zeros((3, 256))
    stake[:, :64] = rng.lognormal(size=(3, 64))
    arrays = weight, stake, rng.random(weight.shape), np.tile(np.arange(64), (3, 1))
    plain = {name: p.default for name, p in inspect.signature(yuma_epoch).parameters.items() if name in PARAMETERS}
    options = plain | rule | {"quantise_bonds": False}
    kernel = yuma_epoch(*arrays, **options)
    oracle = reference.epoch(*arrays, **options, count_heads=False, clip=True, bonded=True)
    for name in kernel._fields:
        assert_allclose(getattr(kernel, name), getattr(oracle, name), atol=1e-12, rtol=0, err_msg=name)


# Comparison mechanisms


def test_the_mean_moves_with_every_vote_and_the_consensus_does_not():
    honest, liar = [0, 0, 0, 0.5, 0.5], [0, 0, 0, 1.0, 0.0]
    arrays = (
        np.array([[honest, honest, liar]]),
        np.array([[2.0, 2, 1, 0, 0]]),
        np.zeros((1, 3, 5)),
        np.array([[0, 1, 2]]),
    )
    assert_allclose(comparison.stake_mean(*arrays).consensus[0, 3:], [0.6, 0.4])
    assert_allclose(comparison.stake_mean(*arrays).validator_trust[0, :3], 1.0)
    assert_allclose(yuma_epoch(*arrays).consensus[0, 3:], 0.5)


def test_heads_outvote_stake_in_the_unweighted_median():
    rich, poor = [0, 0, 0, 1.0, 0.0], [0, 0, 0, 0.0, 1.0]
    arrays = np.array([[rich, poor, poor]]), np.array([[98.0, 1, 1, 0, 0]]), np.zeros((1, 3, 5)), np.array([[0, 1, 2]])
    assert_allclose(comparison.unweighted_median(*arrays).incentive[0], [0, 0, 0, 0, 1])
    assert_allclose(yuma_epoch(*arrays).incentive[0], [0, 0, 0, 1, 0])


@given(st.lists(st.integers(1, 100), min_size=2, max_size=6), st.integers(1, 5))
@settings(deadline=None, derandomize=True, max_examples=30)
def test_splitting_stake_over_sybils_earns_nothing_under_pro_rata(stake, parts):
    n = len(stake)
    weight = np.zeros((n + 1, n + 8))
    weight[:, -1] = 1.0
    whole = np.zeros(n + 8)
    whole[:n] = stake
    split = whole.copy()
    split[[0, n]] = stake[0] / (parts + 1), stake[0] * parts / (parts + 1)
    arrays = weight[None], np.zeros((1, n + 1, n + 8)), np.arange(n + 1)[None]
    one = comparison.pro_rata(arrays[0], whole[None], *arrays[1:])
    two = comparison.pro_rata(arrays[0], split[None], *arrays[1:])
    assert two.dividend[0, [0, n]].sum() == pytest.approx(one.dividend[0, 0])
    assert not two.bond.any()


def test_a_misspelt_option_of_a_mechanism_is_an_error():
    with pytest.raises(TypeError, match="stake_treshold"):
        comparison.pro_rata(np.ones((1, 1, 2)), np.ones((1, 2)), np.zeros((1, 1, 2)), [[0]], stake_treshold=1.0)


# Memory


def test_buffers_give_the_same_results_and_bonds_move_on_in_place():
    rng = np.random.default_rng(2)
    weight, stake, uid = rng.random((2, 9, 21)), rng.random((2, 21)), np.tile(np.arange(9), (2, 1))
    buffers, bond = epoch_buffers(2, 9, 21), np.zeros((2, 9, 21))
    held = bond
    for _ in range(3):
        bond = yuma_epoch(weight, stake, bond, uid).bond
        kept = held.copy()
        held_epoch = yuma_epoch(weight, stake, held, uid, buffers=buffers)
        held = held_epoch.bond
        assert held is buffers.bond
        assert (held == bond).all()
    assert not kept.all()


def test_inputs_are_left_alone():
    rng = np.random.default_rng(2)
    arrays = rng.random((2, 9, 21)), rng.random((2, 21)), rng.random((2, 9, 21)), np.tile(np.arange(9), (2, 1))
    before = [array.copy() for array in arrays]
    yuma_epoch(*arrays, liquid_alpha=True)
    assert all((array == old).all() for array, old in zip(arrays, before, strict=True))


def test_bad_input_leaves_bonds_in_place_as_they_were():
    buffers = epoch_buffers(2, 2, 3)
    buffers.bond[:] = 0.25
    weight = np.ones((2, 2, 3))
    weight[1, 1, 2] = np.nan
    with pytest.raises(ValueError, match=r"weight\[1, 1, 2\] is nan"):
        yuma_epoch(weight, np.ones((2, 3)), buffers.bond, [[0, 1]] * 2, buffers=buffers)
    assert (buffers.bond == 0.25).all()


# Bad input

GOOD = {
    "weight": np.ones((2, 2, 3)),
    "stake": np.ones((2, 3)),
    "bond": np.zeros((2, 2, 3)),
    "validator_uid": np.array([[0, 1], [1, 2]]),
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": np.full((2, 2, 3), np.nan)}, r"weight must be finite and lie in .* weight\[0, 0, 0\] is nan"),
        ({"weight": -np.ones((2, 2, 3))}, r"weight must be finite"),
        ({"weight": np.full((2, 2, 3), np.inf)}, r"weight must be finite"),
        ({"weight": np.ones((2, 3))}, r"weight must have the axes \(subnet, validator, uid\)"),
        ({"weight": np.ones((2, 4, 3))}, r"at most as many validators as uids, has \(2, 4, 3\)"),
        ({"weight": np.ones((2, 2, 3), complex)}, r"weight must hold real numbers"),
        ({"stake": np.ones((3, 2))}, r"stake must have shape \(2, 3\), has \(3, 2\)"),
        ({"stake": -np.ones((2, 3))}, r"stake must be finite"),
        ({"bond": np.full((2, 2, 3), 1.5)}, r"bond must be finite and lie in \[0.0, 1.0\]"),
        ({"bond": np.zeros((2, 3, 2))}, r"bond must have shape"),
        ({"validator_uid": np.array([[0, 3], [0, 1]])}, r"validator_uid must lie in \[-1, 2\]"),
        ({"validator_uid": np.array([[0, -2], [0, 1]])}, r"validator_uid must lie in \[-1, 2\]"),
        ({"validator_uid": np.array([[0, 1], [1, 1]])}, r"subnet 1 has 1 twice"),
        ({"validator_uid": np.array([[0.5, 1], [1, 2]])}, r"validator_uid must hold integers"),
        ({"kappa": 0.0}, r"kappa must lie in \(0, 1\], is 0.0"),
        ({"kappa": [0.5, 1.1]}, r"kappa must lie in \(0, 1\], is 1.1"),
        ({"kappa": np.nan}, r"kappa must lie in"),
        ({"kappa": [0.5, 0.5, 0.5]}, r"kappa must be one number or one per subnet \(2\)"),
        ({"alpha_sigmoid_steepness": np.inf}, r"alpha_sigmoid_steepness must lie in"),
        ({"alpha_low": 0.9, "alpha_high": 0.7}, r"alpha_low must not exceed alpha_high"),
        ({"max_validators": 1.5}, r"max_validators must be a whole number"),
        ({"present": np.ones((2, 2, 2), np.bool_)}, r"present must have shape"),
        ({"masks": NOTHING_MASKED._replace(permit=np.ones((2, 2), np.bool_))}, r"masks.permit must have shape"),
        ({"masks": NOTHING_MASKED._replace(active=np.ones((1, 1)))}, r"masks.active must be a C-contig.* of bool"),
        ({"masks": NOTHING_MASKED._replace(owner_uid=np.array([3]))}, r"masks.owner_uid must lie in \[-1, 2\]"),
        ({"buffers": epoch_buffers(2, 2, 4)}, r"buffers must be made by epoch_buffers\(2, 2, 3\)"),
    ],
)  # fmt: skip
def test_bad_input_is_named_with_its_rule(change, message):
    with pytest.raises(ValueError, match=message):
        yuma_epoch(**(GOOD | change))


def test_weights_inside_the_buffers_are_refused():
    buffers = epoch_buffers(2, 2, 3)
    buffers.bond[:] = 0.0
    with pytest.raises(ValueError, match="weight must not lie in the buffers"):
        yuma_epoch(**(GOOD | {"weight": buffers.bond}), buffers=buffers)
