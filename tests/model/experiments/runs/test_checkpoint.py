"""Checkpoints: an economy that was put away and taken out again plays on to the same bits."""

import json

import numpy as np
import pytest

from model.economy import Economy
from model.experiments.runs import checkpoint
from model.scenario.interventions import Intervention
from model.scenario.scenario_file import find, shipped, with_values

EPOCHS = 9
SMALL = {"full-network": {"subnets.count": 8}}
MORE = {
    "tuned": {"owners.mix": {"tuner": 0.5, "inspector": 0.5}},
    "remembered": {
        "miners.mix": {"hedge": 0.5, "inspectee": 0.5},
        "validators.mix": {"lazy": 0.5, "weight_copier": 0.5},
    },
}
CHANGES = [
    Intervention(epoch=2, values={"value.capability_weight.speed": 3.0, "owners.burn_share": 0.2}),
    Intervention(epoch=4, values={"reward.audit_rate": 0.4}),
    Intervention(epoch=7, values={"reward.measurement_noise": 0.3}),
]


def scenario(name):
    base = with_values(find("inspection" if name in MORE else name), {"epochs": EPOCHS, **SMALL.get(name, {})})
    return with_values(base, MORE.get(name, {}))


def put_away(economy):
    """The same economy, from its file's bytes and the values of its tables."""
    data = b"".join(checkpoint.packed(checkpoint.save(economy)))
    frames = economy.records.tables()
    arrays = checkpoint.unpacked(data)
    tables = {
        name: {column: frames[name][column].to_numpy(kind) for column, kind in kinds.items()}
        for name, kinds in checkpoint.columns(arrays).items()
    }
    return checkpoint.restore(arrays, tables)


def assert_same(one, other):
    """Both have the same tables, state and memory, to the bit and to the way it lies in memory."""
    assert (one.epoch, one.running, one.steps) == (other.epoch, other.running, other.steps)
    for name, frame in one.tables().items():
        assert frame.equals(other.tables()[name]), name
        assert frame.dtypes.equals(other.tables()[name].dtypes), name
    first, second = checkpoint.save(one), checkpoint.save(other)
    assert list(first) == list(second)
    for name, array in first.items():
        assert (array.dtype, array.shape) == (second[name].dtype, second[name].shape), name
        assert array.flags.c_contiguous == second[name].flags.c_contiguous, name
        assert array.tobytes() == second[name].tobytes(), name
    assert repr(one.datacollector.model_vars) == repr(other.datacollector.model_vars)  # NaN is like NaN
    assert [type(getattr(one.state, name)) for name in one.state.__slots__] == [
        type(getattr(other.state, name)) for name in other.state.__slots__
    ]


@pytest.mark.parametrize("name", [*shipped(), *MORE])
def test_put_away_after_any_epoch_it_plays_on_as_if_it_had_not_been(name):
    whole = Economy(scenario(name), rng=5, interventions=CHANGES)
    broken = Economy(scenario(name), rng=5, interventions=CHANGES)
    while whole.running:
        broken = put_away(broken)
        assert_same(whole, broken)
        whole.step()
        broken.step()
    assert_same(whole, put_away(broken))


def test_a_change_made_on_the_way_is_still_known():
    economy = Economy(scenario("gamed"))
    economy.step()
    economy.intervene({"reward.audit_rate": 0.5})
    economy.step()
    again = put_away(economy)
    assert again.interventions == economy.interventions
    assert again.rules.scenario == economy.rules.scenario
    assert again.first_scenario.reward.audit_rate != 0.5


@pytest.mark.parametrize("place", [0, 64, 65, 200, -1])
def test_a_file_with_a_flipped_bit_is_refused(place):
    data = bytearray(b"".join(checkpoint.packed(checkpoint.save(Economy(scenario("gamed"))))))
    data[place] ^= 1
    if place == 64:  # the line end between the two says nothing
        assert checkpoint.unpacked(bytes(data))
        return
    with pytest.raises(ValueError, match="not those that were written"):
        checkpoint.unpacked(bytes(data))


def test_a_file_holds_arrays_and_no_objects():
    arrays = checkpoint.save(Economy(scenario("gamed")))
    assert not any(array.dtype.hasobject for array in arrays.values())
    assert json.loads(arrays["facts"].item())["seed"] == 1
    with pytest.raises(ValueError, match="one holds objects"):
        checkpoint.packed({"one": np.array([None])})
