"""Draws that depend on a key and an index alone."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from ext import reference_scoring as oracle
from ext.noise import LAYERS, normals_of, poisson_of, split_key, standard_normal, uniform, uniforms_of

MANY = 400_000
keys = st.integers(0, 2**64 - 1)


def normal_cdf(x):
    return np.array([0.5 * math.erfc(-one / math.sqrt(2)) for one in x])


def kolmogorov_distance(probability):
    """Largest gap between the ranks of `probability` and a uniform law, times sqrt n; above 1.95 once in 1,000."""
    probability = np.sort(probability)
    n = len(probability)
    step = np.arange(n + 1) / n
    return max(np.max(step[1:] - probability), np.max(probability - step[:-1])) * math.sqrt(n)


def test_all_layers_of_the_ziggurat_have_the_same_area_and_close_at_the_top():
    edge = LAYERS[:, 0] * 2.0**52
    start = LAYERS[0, 3]
    tail = math.sqrt(math.pi / 2) * math.erfc(start / math.sqrt(2))
    base = start * math.exp(-0.5 * start**2) + tail
    area = edge[1:] * (LAYERS[1:, 3] - LAYERS[1:, 2])
    assert area[:-1] == pytest.approx(base, rel=1e-12)
    assert area[-1] == pytest.approx(base, rel=1e-9), "the last layer must end at the peak, at height 1"
    assert LAYERS[-1, 3] == 1.0


@pytest.mark.parametrize("power", [1, 2, 3, 4, 5, 6])
def test_moments_are_those_of_a_standard_normal(power):
    z = standard_normal(11, (MANY,))
    expected = 0 if power % 2 else math.prod(range(1, power, 2))
    spread = math.sqrt((math.prod(range(1, 2 * power, 2)) - expected**2) / MANY)
    assert abs((z**power).mean() - expected) < 4 * spread


def test_normals_follow_the_normal_law():
    assert kolmogorov_distance(normal_cdf(standard_normal(12, (200, 500)).ravel())) < 1.95


def test_uniforms_follow_the_uniform_law_and_never_reach_its_ends():
    u = uniform(13, (200, 500))
    assert kolmogorov_distance(u.ravel()) < 1.95
    assert u.min() > 0
    assert u.max() < 1


def test_the_tail_beyond_the_base_layer_has_its_share_of_draws_and_its_shape():
    start = LAYERS[0, 3]
    z = np.abs(standard_normal(14, (10 * MANY,)))
    beyond = z[z > start]
    share = math.erfc(start / math.sqrt(2))
    assert abs(len(beyond) - share * z.size) < 4 * math.sqrt(share * z.size)
    assert kolmogorov_distance(1 - 2 * (1 - normal_cdf(beyond)) / share) < 1.95


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_neighbours_along_any_axis_are_uncorrelated(axis):
    z = standard_normal(15, (64, 64, 64))
    one, next_one = np.delete(z, -1, axis).ravel(), np.delete(z, 0, axis).ravel()
    for f in (lambda x: x, np.square, np.sign):
        assert abs(np.corrcoef(f(one), f(next_one))[0, 1]) < 4 / math.sqrt(one.size)


def test_neighbouring_keys_are_uncorrelated():
    z = np.array([standard_normal(key, (4000,)) for key in range(40)])
    correlation = np.corrcoef(z)[np.triu_indices(40, 1)]
    assert np.abs(correlation).max() < 4.5 / math.sqrt(4000)


@given(keys, st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4)), st.integers(1, 3))
@settings(deadline=None, derandomize=True)
def test_a_longer_axis_appends_draws_and_changes_none(key, shape, more):
    for draw in (standard_normal, uniform):
        small = draw(key, shape)
        for axis in range(3):
            longer = list(shape)
            longer[axis] += more
            assert np.array_equal(np.delete(draw(key, tuple(longer)), np.s_[shape[axis] :], axis), small)


def test_bits_are_those_of_splitmix64():
    """First outputs of SplitMix64 seeded with 0 (Steele, Lea, Flood 2014; any published implementation)."""
    expected = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC]
    assert split_key(0, np.arange(4)).tolist() == expected


def test_uniforms_are_the_upper_52_bits_and_a_half():
    assert uniform(0, (1,))[0] == ((0xE220A8397B1DCDAF >> 12) + 0.5) / 2**52


@given(keys)
@settings(deadline=None, derandomize=True, max_examples=20)
def test_draws_equal_those_of_the_oracle(key):
    bits = split_key(key, np.arange(3000))
    assert np.array_equal(uniform(key, (3000,)), oracle.uniform_of(bits))
    assert standard_normal(key, (3000,)) == pytest.approx(oracle.normal_of(bits), rel=1e-12, abs=0)


def test_normals_of_words_are_those_of_the_stream_with_these_bits():
    bits = split_key(21, np.arange(3000))
    assert np.array_equal(normals_of(bits), standard_normal(21, (3000,)))
    assert normals_of(bits.reshape(30, 100)).shape == (30, 100)
    assert normals_of(bits[:0]).shape == (0,)


@pytest.mark.parametrize("mean", [0.0, 0.01, 0.5, 3.0, 60.0, 700.0])
def test_poisson_draws_invert_the_distribution_function(mean):
    u = np.append(uniform(5, (2000,)), [0.0, 1 - 2.0**-53])
    count = poisson_of(u, mean)
    assert np.array_equal(count[:-1], poisson.ppf(u[:-1], mean).clip(0))
    assert 0 <= count[-1] <= poisson.ppf(1 - 1e-17, 701) + 100


@pytest.mark.parametrize("mean", [-0.1, 701, math.nan])
def test_a_mean_beyond_the_normal_numbers_is_refused(mean):
    with pytest.raises(ValueError, match=r"mean must lie in \[0, 700\]"):
        poisson_of(np.zeros(1), mean)


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 3)])
def test_an_empty_axis_gives_an_empty_array(shape):
    assert standard_normal(1, shape).shape == shape
    assert uniform(1, shape).shape == shape


@pytest.mark.parametrize("key", [-1, 2**64, 0.5, "a"])
def test_a_key_that_does_not_fit_64_bits_is_refused(key):
    with pytest.raises(ValueError, match=r"key must be a whole number in \[0, 2\*\*64\)"):
        uniform(key, (1,))


@pytest.mark.parametrize("shape", [(), (2, -1)])
def test_a_shape_without_axes_or_with_a_negative_length_is_refused(shape):
    with pytest.raises(ValueError, match="shape must have at least one axis"):
        standard_normal(1, shape)


@settings(deadline=None, derandomize=True)
@given(keys)
def test_words_and_kernel_give_the_same_uniforms_and_normals(key):
    words = split_key(key, np.arange(50))
    assert (uniforms_of(words) == uniform(key, (50,))).all()
    assert (normals_of(words) == standard_normal(key, (50,))).all()
