"""Yuma in float64 against the chain's own numbers, within one unit of u16 and two rao."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from ext import reference
from ext.consensus import PARAMETERS, YumaEpoch, yuma_epoch
from ext.masks import NEVER, chain_masks

GOLDEN = Path(__file__).parents[2] / "data" / "golden"
FIXED_POINT_ONLY = "epoch_extreme_"  # stakes too far apart for float64; ext.exact meets them
EPOCHS = sorted(
    path
    for folder in ("chain", "derived")
    for path in (GOLDEN / folder).glob("epoch_*")
    if FIXED_POINT_ONLY not in path.name
)


def read(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt") as file:
        return json.load(file)


def rows_of(weights, n):
    """The u16 weights of a step, and which of them are stored at all."""
    rows = {int(uid): row for uid, row in weights.items() if uid.isdigit()}
    for uids, row in weights.get("rows", {}).items():
        rows |= {int(uid): row for uid in uids.split(",")}
    rows |= {uid: [[uid, 65535]] for uid in weights.get("self", ())}
    weight, present = np.zeros((n, n)), np.zeros((n, n), np.bool_)
    for uid, row in rows.items():
        for target, value in row:
            weight[uid, target], present[uid, target] = value, True
    return weight, present


def arguments(step, parameter, bond, permit):
    """A step of a vector as the arguments of `yuma_epoch`."""
    tempo, last_step = parameter["tempo"], parameter["last_mechanism_step_block"]
    weight, present = rows_of(step["weights"], len(permit))
    masks = chain_masks(
        block=step["block"],
        permit=permit,
        last_update_block=step["last_update"],
        registered_block=step["block_at_registration"],
        last_tempo_block=last_step + 1 if last_step else step["block"] - tempo,
        activity_cutoff_blocks=max(1, parameter["activity_cutoff_factor_milli"] * tempo // 1000),
        commit_block=step["commit_block"] if parameter["commit_reveal"] and "commit_block" in step else NEVER,
        owner_uid=-1 if parameter["owner_uid"] is None else parameter["owner_uid"],
    )
    arrays = weight[None], np.array([step["stake"]], float), bond[None], np.arange(len(permit))[None]
    return arrays, {
        "masks": masks,
        "present": present[None],
        "kappa": parameter["kappa_u16"] / 65535,
        "bonds_penalty": parameter["bonds_penalty_u16"] / 65535,
        "bonds_moving_average": parameter["bonds_moving_average"] / 1e6,
        "yuma3": parameter["yuma3"],
        "liquid_alpha": parameter["liquid_alpha"],
        "alpha_low": parameter["alpha_low_u16"] / 65535,
        "alpha_high": parameter["alpha_high_u16"] / 65535,
        "alpha_sigmoid_steepness": parameter["alpha_sigmoid_steepness"] / 100,
        "max_validators": parameter["max_allowed_validators"],
        "stake_threshold": parameter["stake_threshold"],
        "quantise_bonds": True,
    }


def stored(epoch: YumaEpoch, emission_rao):
    """The epoch in the chain's units, by the field names of the vectors."""
    field = {
        "consensus_u16": epoch.consensus,
        "validator_trust_u16": epoch.validator_trust,
        "incentive_u16": epoch.incentive,
        "dividends_u16": epoch.dividend,
        "stake_weight_u16": epoch.stake_share,
    }
    result = {name: np.floor(65535 * share[0].clip(0, 1)) for name, share in field.items()}
    result["dividends_u16/65535"] = result["dividends_u16"] / 65535
    result["bonds_u16"] = np.rint(65535 * epoch.bond[0])
    result["server_emission"] = np.floor(emission_rao * epoch.server_share[0])
    result["validator_emission"] = np.floor(emission_rao * epoch.validator_share[0])
    result["emission"] = np.floor(emission_rao * epoch.emission_share[0])
    result["sum(server_emission+validator_emission)"] = result["server_emission"] + result["validator_emission"]
    result["server_emission[0]-server_emission[1]"] = -np.diff(result["server_emission"][:2])
    result["validator_permit"] = epoch.permit[0]
    result["active"] = epoch.active[0]
    return result


def misses(step, result):
    """Expectations of a step that the result does not meet."""
    tolerance = {name: 1.0 for name in result if name.endswith("_u16")}
    tolerance |= {name: max(2.0, 2e-8 * step["emission"]) for name in result if "emission" in name}
    found = []
    for name, index, comparison, value, own in step["expect"]:
        if name == "stored_weights_row_nonempty":  # about storage, not about an epoch
            continue
        got = float(np.sum(result[name]) if index is None else result[name][tuple(np.atleast_1d(index))])
        error = abs(got - value)
        if not (got > value if comparison == ">" else error <= max(own, tolerance.get(name, 0.0))):
            found.append((name, index, comparison, value, got))
    for name, value in step.get("expect_full", {}).items():
        full = np.array(value, float)
        if name == "bonds_u16":
            full = np.zeros_like(result[name])
            for row, column, bond in value:
                full[row, column] = bond
        error = np.abs(result[name] - full).max(initial=0.0)
        if error > tolerance.get(name, 0.0):
            found.append((name, error))
    return found


def play(path, epoch):
    """Every step of a vector, the bonds and permits of one handed to the next; what it misses."""
    vector = read(path)
    parameter = dict(vector["params"])
    bond, permit = np.zeros((vector["n"],) * 2), np.zeros(vector["n"], np.bool_)
    missed = []
    for step in vector["steps"]:
        parameter |= step.get("params", {})
        before = step.get("before", {})
        bond[before.get("clear_bond_rows", [])] = 0.0
        bond[:, before.get("clear_bond_cols", [])] = 0.0
        permit[before.get("drop_permits", [])] = False
        permit[:] = before.get("set_permits", step.get("permits_in", permit))
        if "bonds_in" in step:
            bond[:] = 0.0
            for row, column, value in step["bonds_in"]:
                bond[row, column] = value / 65535
        arrays, options = arguments(step, parameter, bond, permit)
        result = epoch(*arrays, **options)
        missed += misses(step, stored(result, step["emission"]))
        bond, permit = result.bond[0].copy(), result.permit[0].copy()
    return missed


def oracle(*arrays, **options):
    switches = {"count_heads": False, "clip": True, "bonded": True}
    assert set(PARAMETERS) <= set(options) | set(switches)
    return reference.epoch(*arrays, **options, **switches)


def test_the_vectors_are_there():
    assert len(EPOCHS) == 39


@pytest.mark.parametrize("path", EPOCHS, ids=lambda path: path.name.split(".")[0])
def test_the_kernel_meets_the_chain(path):
    assert play(path, yuma_epoch) == []


@pytest.mark.parametrize("path", [path for path in EPOCHS if "512" not in path.name], ids=lambda path: path.name)
def test_the_oracle_meets_the_chain(path):
    assert play(path, oracle) == []


def test_a_wrong_majority_misses_the_chain():
    path = next(path for path in EPOCHS if path.name == "epoch_rand_00.json.gz")
    assert play(path, lambda *arrays, **options: yuma_epoch(*arrays, **options | {"kappa": 0.9})) != []
