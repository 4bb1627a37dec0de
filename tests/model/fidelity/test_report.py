"""The harness: golden vectors are met in both arithmetics, a wrong number is found, and nothing is passed over."""

import gzip
import json
import shutil

import pytest

from model import DATA_FOLDER
from model.fidelity import Verdict, run
from model.fidelity.files import read

GOLDEN = DATA_FOLDER / "golden"
QUICK = [
    *sorted(path.relative_to(GOLDEN).as_posix() for path in GOLDEN.glob("chain/[cms]*.json")),
    "chain/epoch_bonds_ema_yuma2.json",
    "chain/epoch_yuma3_stable_miner.json",
    "chain/epoch_commit_reveal_window_mask.json",
    "chain/epoch_owner_self_weight.json",
    "derived/epoch_liquid_absent_entries.json.gz",
    "derived/epoch_penalty_partial.json.gz",
    "derived/epoch_extreme_00.json.gz",
    "derived/epoch_rand_04.json.gz",
    "peers/interactive_case09_f64.json.gz",
    "peers/yuma_simulation_case21_f64.json.gz",
]
FAMILIES = {"epoch", "maths", "coinbase", "schedule", "swap", "peers"}


def folder_of(tmp_path, **documents):
    for name, document in documents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    return tmp_path


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    folder = tmp_path_factory.mktemp("golden")
    for name in QUICK:
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(GOLDEN / name, target)
    return folder


def vectors(schema, *listed):
    return {"schema": schema, "vectors": list(listed)}


@pytest.mark.parametrize("exact", [True, False])
def test_one_of_each_kind_of_vector_is_met(quick, exact):
    report = run(quick, exact=exact)
    assert report.passed, [miss.sentence() for miss in report.misses] + list(report.broken)
    assert {row.component.split(":")[0] for row in report.rows} == FAMILIES
    assert all(row.n_met == row.n_vectors > 0 for row in report.rows)


@pytest.mark.slow
@pytest.mark.parametrize("exact", [True, False])
def test_every_golden_vector_is_met(exact):
    report = run(GOLDEN, exact=exact)
    assert report.passed, [miss.sentence() for miss in report.misses] + list(report.broken)
    extreme = {item.vector for item in report.not_covered}
    assert extreme == (set() if exact else {"extreme_00", "extreme_02"})


def test_the_fixed_point_mode_misses_no_u16_and_no_rao(quick):
    report = run(quick / "derived", exact=True)
    errors = {row.component: row.largest_error for row in report.rows}
    assert set(errors.values()) == {0.0}


def test_float64_leaves_stakes_too_far_apart_to_the_exact_mode(quick):
    report = run(quick / "derived")
    assert [item.vector for item in report.not_covered] == ["extreme_00"]
    assert not run(quick / "derived", exact=True).not_covered


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("derived/epoch_penalty_partial.json.gz", ["steps", 1, "expect_full", "dividends_u16", 2]),
        ("derived/epoch_penalty_partial.json.gz", ["steps", 0, "expect_full", "bonds_u16", 3, 2]),
        ("chain/math_median.json", ["vectors", 8, "expected", 1]),
        ("chain/coinbase.json", ["vectors", 7, "expected"]),
        ("chain/schedule.json", ["vectors", 1, "expected"]),
        ("chain/swap.json", ["vectors", -1, "expected", "price"]),
        ("peers/interactive_case09_f64.json.gz", ["runs", 3, "epochs", "bonds", 7, 1, 0]),
    ],
)
@pytest.mark.parametrize("exact", [True, False])
def test_a_wrong_number_anywhere_is_a_named_miss(tmp_path, name, path, exact):
    document = read(GOLDEN / name)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] += 3
    report = run(folder_of(tmp_path, wrong=document), exact=exact)
    assert not report.passed
    assert len({miss.vector for miss in report.misses}) == 1
    assert report.misses[0].expected != report.misses[0].got
    assert report.misses[0].sentence().startswith(f"wrong.json: {report.misses[0].vector}: ")


def test_an_absent_bond_counts_as_zero(tmp_path):
    document = read(GOLDEN / "derived/epoch_penalty_partial.json.gz")
    removed = document["steps"][0]["expect_full"]["bonds_u16"].pop(0)
    (miss,) = run(folder_of(tmp_path, one=document), exact=True).misses
    assert (miss.field, miss.index, miss.expected, miss.got) == ("bonds_u16", tuple(removed[:2]), 0, removed[2])


def test_unknown_functions_outputs_inputs_and_versions_are_listed_not_passed_over(tmp_path):
    peer = read(GOLDEN / "peers/interactive_case09_f64.json.gz")
    peer["runs"] = [{**peer["runs"][0], "version": "Yuma 9"}]
    coinbase = {"id": "a", "fn": "root_proportion", "expected": 0, "tol": 0}
    given = {"tao_weight": 1.0, "root_tao": 0, "alpha_issuance": 5}
    report = run(
        folder_of(
            tmp_path,
            maths=vectors("chain-math/1", {"id": "m", "fn": "nonsense", "args": [], "expected": 0, "tol": 0}),
            coinbase=vectors(
                "chain-coinbase/1",
                {**coinbase, "inputs": {**given, "colour": "red"}},
                {**coinbase, "inputs": {"tao_weight": 1.0}},
                {**coinbase, "inputs": given, "expected": {"value": 0.0, "mood": "good"}},
            ),
            peer=peer,
        )
    )
    reasons = " | ".join(item.reason for item in report.not_covered)
    for part in ("'nonsense'", "no input colour", "needs the input root_tao", "mood is no output", "'Yuma 9'"):
        assert part in reasons
    assert report.passed


def test_expectations_against_the_step_before_and_over_several_uids_are_judged(tmp_path):
    document = read(GOLDEN / "chain/epoch_bonds_ema_yuma2.json")
    document["steps"] = document["steps"][:3]
    document["steps"][2]["expect"] = [
        ["dividends_u16", 0, "<=prev", None, 0],
        ["dividends_u16", 0, ">=prev", None, 0],
        ["server_emission[4]-server_emission[5]", None, "==", 49998779 - 100000610, 0],
        ["sum(server_emission+validator_emission)", None, "==", 10**9, 8],
        ["mood", 0, "==", 1, 0],
    ]
    report = run(folder_of(tmp_path, one=document), exact=True)
    assert [miss.field for miss in report.misses] == ["dividends_u16[0] at_least"]
    assert "mood ==" in report.not_covered[0].reason


def test_a_float_may_be_one_u16_unit_off_and_the_exact_mode_may_not(tmp_path):
    document = read(GOLDEN / "derived/epoch_penalty_partial.json.gz")
    document["steps"][0]["expect_full"] = {"incentive_u16": [0, 0, 0, 25940, 22878, 16716]}
    folder = folder_of(tmp_path, one=document)
    assert run(folder).passed
    assert len(run(folder, exact=True).misses) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "must be JSON"),
        (b"[1, 2]", "schema must be one of"),
        (b'{"schema": "chain-epoch/7"}', "schema must be one of"),
        (b'{"schema": "chain-epoch/1", "n": 3}', "'params' is missing"),
        (b'{"schema": "chain-epoch/1", "n": 1000000000, "params": {}, "steps": []}', "n must lie in 1..4096"),
        (b'{"schema": "chain-math/1", "vectors": 5}', "vectors must be a list, is 5"),
        (b'{"schema": "chain-math/1", "vectors": ""}', "vectors must be a list, is ''"),
        (b'{"schema": "chain-swap/1", "vectors": {}}', "vectors must be a list, is {}"),
        (b'{"schema": "chain-math/1", "vectors": []}', "at least one vector that expects something"),
        (b'{"schema": "chain-coinbase/1", "vectors": []}', "at least one vector that expects something"),
        (b"[" * 100_000, "must be JSON"),
    ],
)
def test_a_broken_file_is_one_sentence_and_the_others_still_run(tmp_path, content, reason):
    shutil.copy(GOLDEN / "chain/schedule.json", tmp_path / "good.json")
    (tmp_path / "bad.json").write_bytes(content)
    report = run(tmp_path)
    (sentence,) = report.broken
    assert sentence.startswith("bad.json: ")
    assert reason in sentence
    assert not report.passed
    assert report.rows[0].n_met == report.rows[0].n_vectors > 0


def test_a_file_that_unpacks_to_more_than_the_limit_is_refused(tmp_path):
    with gzip.open(tmp_path / "bomb.json.gz", "wb", compresslevel=1) as stream:
        for _ in range(65):
            stream.write(bytes(2**20))
    (sentence,) = run(tmp_path).broken
    assert "64 MiB" in sentence


def test_a_truncated_archive_is_refused(tmp_path):
    whole = (GOLDEN / "derived/epoch_tie_permits.json.gz").read_bytes()
    (tmp_path / "cut.json.gz").write_bytes(whole[: len(whole) // 2])
    (sentence,) = run(tmp_path).broken
    assert "cannot be read" in sentence


def test_a_folder_without_vectors_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="holds none"):
        run(tmp_path)
    with pytest.raises(ValueError, match="no folder"):
        run(tmp_path / "nowhere")


def test_two_runs_say_the_same(quick):
    assert run(quick / "chain") == run(quick / "chain")


def test_a_verdict_counts_nan_and_a_wrong_shape_as_misses():
    verdict = Verdict(component="c", file="f", vector="v")
    verdict.number("x", (0,), 1.0, float("nan"), 1.0)
    verdict.sequence("y", [1, 2], [1], 5.0)
    verdict.sequence("z", [[True]], [[True]], 0.0)
    assert [miss.field for miss in verdict.misses] == ["x", "y"]
    assert verdict.largest_error == float("inf")
