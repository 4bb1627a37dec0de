"""Golden files in forms that no shipped file has: each is written here, after its schema."""

import gzip
import json

import numpy as np
import pytest

from model import DATA_FOLDER
from model.fidelity import peers, run
from model.fidelity.expected import resolved, special
from model.fidelity.files import read
from model.fidelity.peer_dialect import VERSIONS, State, run_epoch

GOLDEN = DATA_FOLDER / "golden"
EITHER = pytest.mark.parametrize("exact", [True, False])
POOL = {"tao_reserve": 10**12, "alpha_reserve": 0, "quote_weight_1e18": 5 * 10**17}


def written(folder, **documents):
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(document))
    return folder


def vector(fn, given, expected, tol=0, *, name="a", where="args"):
    return {"id": name, "fn": fn, where: given, "expected": expected, "tol": tol}


def maths(*vectors):
    return {"schema": "chain-math/1", "vectors": list(vectors)}


def pools(*vectors):
    return {"schema": "chain-swap/1", "vectors": list(vectors)}


def coinbase(*vectors):
    return {"schema": "chain-coinbase/1", "vectors": list(vectors)}


def judged(folder, document, *, exact):
    return run(written(folder, one=document), exact=exact)


def assert_met(report):
    assert report.passed, [miss.sentence() for miss in report.misses] + list(report.broken)
    assert not report.not_covered
    assert report.rows


MET_MATHS = [
    # A sparse product leaves its zeros out, or lists them.
    ("mat_vec_mul_sparse", [[[[0, 1.0], [1, 2.0]], [[1, 4.0]]], [1.0, 0.0]], [[[0, 1.0]], []]),
    ("mat_vec_mul_sparse", [[[[0, 1.0], [1, 2.0]], [[1, 4.0]]], [1.0, 0.0]], [[[0, 1.0], [1, 0.0]], [[1, 0.0]]]),
    ("row_hadamard_sparse", [[[[0, 1.0]], [[0, 2.0]]], [0.0, 1.0]], [[], [[0, 2.0]]]),
    ("row_hadamard_sparse", [[[[0, 1.0]], [[0, 2.0]]], [0.0, 1.0]], [[[0, 0.0]], [[0, 2.0]]]),
    # An empty matrix is [[]] as well as [].
    ("row_sum", [[[]]], []),
    ("row_sum", [[]], []),
    ("row_sum_sparse", [[[]]], [0.0]),
    ("matmul", [[[]], []], []),
    ("matmul_transpose", [[[]], [1.0]], []),
    ("row_hadamard", [[], [1.0]], [[]]),
    ("row_hadamard", [[[]], []], []),
    ("mat_vec_mul", [[[]], [1.0]], [[]]),
    ("mat_vec_mul", [[[1.0], [2.0]], []], [[], []]),
    ("interpolate", [[], [], 0.5], [[]]),
    ("interpolate_sparse", [[[]], [[]], 0, 0.5], []),
    ("mat_ema_alpha", [[[]], [[]], [[]]], []),
    ("inplace_mask_rows", [[], [[]]], [[]]),
    ("inplace_mask_rows", [[True], []], [[]]),
    ("inplace_mask_matrix", [[[]], [[1.0]]], [[1.0]]),
    ("inplace_row_normalize", [[]], [[]]),
    ("inplace_col_normalize", [[[]]], []),
    ("mask_rows_sparse", [[], [[]]], []),
    ("weighted_median_col", [[], [], 0.5], []),
    ("weighted_median_col_sparse", [[], [], 2, 0.5], [0.0, 0.0]),
    ("vec_mask_sparse_matrix", [[], [], [], {"special": "a <= b"}], [[]]),
    # Where lengths differ, the chain masks what the mask does not reach, and keeps what it cannot blend.
    ("inplace_mask_vector", [[], [1.0, 2.0]], [1.0, 2.0]),
    ("inplace_mask_vector", [[False], [1.0, 2.0]], [1.0, 0.0]),
    ("mat_ema_alpha", [[[1.0, 4.0]], [[1.0, 2.0, 3.0]], [[0.5] * 3]], [[1.0, 4.0]]),
    ("vec_mul", [[50_000.0], [50_000.0]], [0.0]),
    # Relations, names of numbers and calls stand in a number's place.
    ("sum", [[0.25, 0.5]], {"at_least": 0.75}),
    ("sum", [[0.25, 0.5]], {"above": 0.5, "below": 0.76}),
    ("normalize", [[1.0, 3.0]], {"at_least": 0.25, "at_most": 0.75}),
    ("normalize", [[1.0, 3.0]], [{"below": 0.3}, 0.75]),
    ("normalize", [{"call": "vec_mul", "args": [[1.0, 3.0], [2.0, 2.0]]}], [0.25, 0.75]),
    ("fixed64_to_fixed32", [{"special": "i64f64_max"}], {"special": "i32f32_max"}),
    ("fixed64_to_fixed32", [{"special": "i64f64_min"}], {"special": "i32f32_min"}),
    ("fixed_to_u16", [{"special": "i32f32_max"}], {"special": "u16_max"}),
    ("checked_sum", [[{"special": "u64_max"}, 1]], None),
    ("normalize", [[1.0, 3.0]], {"call": "normalize", "args": [[2.0, 6.0]]}),
    (
        "weighted_median",
        [
            {"call": "normalize", "args": [[49.0, 51.0]]},
            [0.5, 1.0],
            [0, 1],
            0.49,
            0.0,
            {"special": "sum_of_stake"},
        ],
        1.0,
    ),
    ("exp_safe", [{"special": "i32f32_min"}], {"below": 1e-8, "above": 0}),
    ("stake_fraction_32_32", [1, {"special": "u64_max"}], {"at_most": 0}),
]


@EITHER
@pytest.mark.parametrize(("fn", "given", "expected"), MET_MATHS)
def test_forms_of_maths_are_met(tmp_path, fn, given, expected, exact):
    assert_met(judged(tmp_path, maths(vector(fn, given, expected)), exact=exact))


@EITHER
@pytest.mark.parametrize(
    ("fn", "given", "expected"),
    [
        ("mat_vec_mul_sparse", [[[[0, 1.0], [1, 2.0]]], [1.0, 1.0]], [[[0, 1.0]]]),
        ("col_clip_sparse", [[[[0, 0.0]]], [1.0]], [[]]),  # a listed zero is not the same as none
        ("row_sum", [[[1.0]]], []),
        ("row_sum_sparse", [[[], []]], []),
        ("sum", [[0.25, 0.5]], {"at_least": 0.76}),
        ("sum", [[0.25, 0.5]], {"below": 0.75}),
        ("normalize", [[1.0, 3.0]], {"at_least": 0.26}),
        ("fixed64_to_fixed32", [{"special": "i64f64_max"}], {"special": "i32f32_min"}),
    ],
)
def test_what_is_not_so_is_a_miss_in_these_forms_too(tmp_path, fn, given, expected, exact):
    report = judged(tmp_path, maths(vector(fn, given, expected)), exact=exact)
    assert report.misses
    assert not report.broken


@EITHER
@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (maths(vector("sum", [["call", 1.0]], 1.0)), "must be a number, is 'call'"),
        (maths(vector("u16_to_fixed", ["call"], 1.0)), "must be a number, is 'call'"),
        (maths(vector("sigmoid_safe", ["call", 1, 1], 1.0)), "must be a number, is 'call'"),
        (maths(vector("exp_safe", ["call"], {"exp_of": 1})), "must be a number, is 'call'"),
        (maths(vector("ema_alpha_from_ppm", ["900000"], 0.1)), "must be a whole number, is '900000'"),
        (maths(vector("sum", [[1.0]], "1.0")), "must be a number, is '1.0'"),
        (maths(vector("sum", [[1.0]], 1.0, "0")), "tol must be a number, is '0'"),
        (maths(vector("sum", [[1.0]], {"at_least": "1"})), "must be a number, is '1'"),
        (maths(vector("inplace_col_normalize_sparse", [[], "9"], [])), "columns must lie in 0..1048576, is '9'"),
        (maths(vector("normalize", [[1.0, 1.0]], [0.5, 0.5], [0, 0, 0])), "tol must have 2 entries"),
        (maths({"id": "a", "fn": "sum", "args": [[1.0]], "tol": 0}), "'expected' is missing"),
        (maths(5), "does not follow its schema"),
        (pools(vector("weight_valid", {"quote_weight_1e18": "5"}, True, where="inputs")), "must be a number, is '5'"),
        (pools(vector("pool_price", {**POOL, "tao_reserve": [1]}, 0, where="inputs")), "must be a whole number"),
        (
            coinbase(vector("pow_normalise", {"values": [1, "2"], "p": 1.0}, [0.5, 0.5], where="inputs")),
            "values[1] must be a number, is '2'",
        ),
        (coinbase(vector("block_emission", {"issuance": "0"}, 0, where="inputs")), "must be a number, is '0'"),
    ],
)
def test_an_entry_that_cannot_be_read_is_lost_alone(tmp_path, document, reason, exact):
    good = vector("sum", [[1.0, 2.0]], 3.0, name="good")
    if document["schema"] == "chain-swap/1":
        good = vector("weight_valid", {"quote_weight_1e18": 5 * 10**17}, True, name="good", where="inputs")
    elif document["schema"] == "chain-coinbase/1":
        good = vector("block_emission", {"issuance": 0}, 10**9, name="good", where="inputs")
    document = {**document, "vectors": [*document["vectors"], good]}
    report = judged(tmp_path, document, exact=exact)
    (sentence,) = [*report.broken, *(miss.sentence() for miss in report.misses)]
    assert reason in sentence
    assert report.rows[0].n_met == 1
    assert not report.passed


@EITHER
def test_relations_stand_as_values_in_names_and_alone(tmp_path, exact):
    given = {"tao_weight": 0.18, "root_tao": 10**12, "alpha_issuance": 10**11}
    shares = {"values": [1.0, 3.0], "p": 1.0}
    document = coinbase(
        vector("root_proportion", given, {"at_least": 0.6, "below": 0.65}, where="inputs"),
        vector("root_proportion", given, {"value": {"above": 0.6}}, {"value": 1e-9}, where="inputs"),
        vector("root_proportion", given, {"value_at_most": 0.65}, where="inputs"),
        vector("pow_normalise", shares, [0.25, {"at_least": 0.75}], [1e-9, 1e-9], where="inputs"),
        vector("pow_normalise", shares, {"sum": 1, "value_below": 0.76}, {"sum": 1e-9}, where="inputs"),
        vector("pow_normalise", shares, {"each_in": [0, 1]}, 1e-9, where="inputs"),
        vector(
            "blocks_until_next_auto_epoch",
            {"last_epoch_block": 0, "tempo": 0, "block": 1},
            {"special": "u64_max"},
            where="inputs",
        ),
        vector("block_emission", {"issuance": {"special": "i64_max"}}, 0, where="inputs"),
    )
    assert_met(judged(tmp_path, document, exact=exact))


@EITHER
def test_a_pool_without_alpha_or_tao_gets_its_price_with_the_first_unit(tmp_path, exact):
    def added(tao, alpha, **pool):
        given = {**POOL, **pool, "tao_delta": tao, "alpha_delta": alpha}
        reserve = given["tao_reserve"] + tao, given["alpha_reserve"] + alpha
        price = reserve[0] / reserve[1] if reserve[1] else 0.0
        return vector("pool_add_liquidity", given, {"price": price, "quote_weight": 0.5}, where="inputs")

    document = pools(
        added(0, 0),
        added(0, 1),
        added(1, 0),
        added(1, 1),
        added(1_234_567, 2_432_765_890),
        added(1, 0, tao_reserve=0, alpha_reserve=4 * 10**12),
        added(10**6, 10**6, tao_reserve=0, alpha_reserve=4 * 10**12),
        added(10**6, 10**6, tao_reserve=0),
    )
    assert_met(judged(tmp_path, document, exact=exact))


@EITHER
@pytest.mark.parametrize(
    ("weight", "valid"),
    [(990_000_000_000_000_000, True), (990_000_000_000_000_001, False), (10**16, True), (10**16 - 1, False)],
)
def test_pool_weights_are_told_apart_to_the_last_part(tmp_path, weight, valid, exact):
    document = pools(vector("weight_valid", {"quote_weight_1e18": weight}, valid, where="inputs"))
    assert_met(judged(tmp_path, document, exact=exact))
    report = judged(
        tmp_path,
        pools(
            vector("pool_price", {**POOL, "alpha_reserve": 10**12, "quote_weight_1e18": weight}, 1, 99, where="inputs")
        ),
        exact=exact,
    )
    assert report.passed == valid


@EITHER
def test_updates_beyond_the_last_uid_are_not_read_and_a_uid_without_one_does_not_vote(tmp_path, exact):
    document = read(GOLDEN / "derived/epoch_penalty_partial.json.gz")
    document["steps"] = document["steps"][:2]
    for step in document["steps"]:
        step["last_update"] = [*step["last_update"], 10**9, 0, 7]
    assert_met(judged(tmp_path, document, exact=exact))

    document["steps"] = document["steps"][:1]
    silent = document["steps"][0]
    silent["last_update"] = []
    silent["expect_full"] = {"active": [0] * document["n"], "incentive_u16": [0] * document["n"]}
    silent["expect"] = [["sum(server_emission+validator_emission)", None, "==", silent["emission"], 8]]
    assert_met(judged(tmp_path, document, exact=exact))


def test_a_step_that_cannot_be_read_leaves_those_that_bring_their_own_state(tmp_path):
    document = read(GOLDEN / "derived/epoch_penalty_partial.json.gz")
    document["steps"][1]["emission"] = "1000"
    report = judged(tmp_path, document, exact=True)
    (sentence,) = report.broken
    assert sentence.endswith("penalty_partial, step 1: emission must be a whole number, is '1000'")
    assert not report.misses
    assert report.rows[0].n_met == len(document["steps"]) - 1

    for step in document["steps"]:
        step.pop("bonds_in")
    report = judged(tmp_path, document, exact=True)
    assert len(report.broken) == len(document["steps"]) - 1
    assert "starts from the bonds and permits of a step that cannot be read" in report.broken[1]
    assert report.rows[0].n_met == 1


@EITHER
def test_every_relation_to_a_number_or_to_the_step_before_is_judged_and_a_bad_line_is_lost_alone(tmp_path, exact):
    document = read(GOLDEN / "chain/epoch_bonds_ema_yuma2.json")
    document["steps"] = document["steps"][:3]
    document["steps"][2]["expect"] = [
        ["dividends_u16", 1, ">=", 1, 0],
        ["dividends_u16", 1, "<=", 65_535, 0],
        ["dividends_u16", 1, ">", 0, 0],
        ["dividends_u16", 1, "<", 65_535, 0],
        ["dividends_u16", 0, "<prev", None, None],
        ["dividends_u16", 0, "<=prev", None, None],
        ["dividends_u16", 2, ">prev", None, None],
        ["dividends_u16", 0, "==", {"at_least": 1, "below": 65_535}, 0],
        ["bonds_u16", [3, 4], "==", {"special": "u16_max"}, 0],
        ["dividends_u16", 0, "==", "5898", 0],
        ["dividends_u16", 0, "=="],
    ]
    report = judged(tmp_path, document, exact=exact)
    assert not report.misses
    assert [sentence.split(": ")[1] for sentence in report.broken] == [
        f"bonds_ema_yuma2, step 2, expectation {place}" for place in (9, 10)
    ]


@pytest.mark.parametrize("name", ["index.json", "INDEX.json.gz", "manifest.json"])
def test_an_index_is_passed_over_by_name(tmp_path, name):
    written(tmp_path, good=coinbase(vector("block_emission", {"issuance": 0}, 10**9, where="inputs")))
    content = json.dumps({"anything": 1}).encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    report = run(tmp_path)
    assert report.passed
    assert report.passed_over == (f"{name}: by its name a list of files, not of vectors",)


def test_a_list_of_the_folders_files_and_blocks_of_the_chain_are_passed_over_with_a_line(tmp_path):
    good = coinbase(vector("block_emission", {"issuance": 0}, 10**9, where="inputs"))
    report = run(
        written(
            tmp_path,
            block={"schema": "chain-block/1", "block": 1},
            good=good,
            which={"files": ["good.json"]},
            wrong={"schema": "chain-coinbase/9", "see": "good.json"},
        )
    )
    assert [line.split(":")[0] for line in report.passed_over] == ["block.json", "which.json"]
    assert [line.split(":")[0] for line in report.broken] == ["wrong.json"]


def test_an_index_alone_is_no_folder_of_vectors(tmp_path):
    with pytest.raises(ValueError, match="holds none"):
        run(written(tmp_path, index={}))


def in_float32(document):
    """The same case as its peer would write it in float32: every array of the dialect in that precision."""
    case = peers._Case(document)
    for played in document["runs"]:
        version = VERSIONS[document["peer"], played["version"]]
        live = case.live()
        state = State(started=False, bond=np.zeros(live.shape, np.float32), weight=np.zeros(live.shape, np.float32))
        for epoch in range(case.n_epochs):
            state = State(
                started=state.started, bond=case.without_reset(version, epoch, state.bond), weight=state.weight
            )
            raw = tuple(part.astype(np.float32) for part in case.inputs(epoch))
            result, state = run_epoch(version, played["hyperparameters"], raw, live, state)
            servers, validators = slice(-case.n_servers, None), slice(case.n_validators)
            for name, value in {
                "consensus": result.consensus[servers],
                "incentive": result.incentive[servers],
                "bonds": result.bond[validators, servers],
                "dividends_normalised": result.dividend[validators],
            }.items():
                played["epochs"][name][epoch] = value.astype(np.float32).tolist()
    return {**document, "dtype": "float32"}


@pytest.mark.parametrize("name", ["interactive_case15", "yuma_simulation_case11"])
def test_runs_in_float32_are_compared_at_their_own_tolerance(tmp_path, name):
    document = in_float32(read(GOLDEN / f"peers/{name}_f64.json.gz"))
    report = judged(tmp_path, document, exact=False)
    assert_met(report)
    assert {row.tolerance for row in report.rows} == {"2e-05"}
    assert max(row.largest_error for row in report.rows) > 1e-9

    document["runs"][1]["epochs"]["incentive"][9][0] += 5e-5
    document["runs"][2]["hyperparameters"]["kappa"] = "0.5"
    report = judged(tmp_path, document, exact=False)
    assert len({miss.vector for miss in report.misses}) == 1
    (sentence,) = report.broken
    assert sentence.endswith("kappa must be a number, is '0.5'")


def test_our_engine_stays_within_a_hundredth_of_a_thousandth_of_the_peers_but_where_stake_is_gone(tmp_path):
    document = read(GOLDEN / "peers/interactive_case09_f64.json.gz")
    report = judged(tmp_path, document, exact=False)
    assert_met(report)
    of_engine = {row.tolerance: row for row in report.rows if row.component == peers.ENGINE}
    assert set(of_engine) == {"1e-05", "1e-05, and what is paid without stake"}
    assert of_engine["1e-05"].largest_error < 1e-5
    assert len(report.notes) == of_engine["1e-05, and what is paid without stake"].n_vectors == 2

    # The room is for the epochs after the stake has gone alone.
    document["runs"] = [played for played in document["runs"] if played["version"] == "Yuma 2 (subtensor)"]
    document["runs"][0]["epochs"]["dividends_normalised"][3][0] += 2e-5
    misses = judged(tmp_path, document, exact=False).misses
    assert {miss.field for miss in misses} == {"dividends_normalised, epoch 3"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("u16_max", 65_535),
        ("u64_max", 2**64 - 1),
        ("i32f32_min", -(2**31)),
        ("i32f32_epsilon", 2.0**-32),
        ("u8_min", 0),
        ("a == b", None),
        ("float_max", None),
        (5, None),
    ],
)
def test_special_names_are_those_of_number_types(name, value):
    assert special(name) == value


def test_names_of_numbers_are_resolved_however_deep():
    assert resolved([{"special": "u16_max"}, {"x": [{"special": "a < b"}]}]) == [65_535, {"x": [{"special": "a < b"}]}]


@pytest.mark.parametrize(
    ("argument", "what"),
    [
        ([""], "a row of a matrix must be a list, is ''"),
        ([{}], "a row of a matrix must be a list, is {}"),
        ("", "a matrix must be a list, is ''"),
        ({}, "a matrix must be a list, is {}"),
    ],
)
@pytest.mark.parametrize("fn", ["row_sum", "row_sum_sparse"])
def test_what_is_no_list_is_no_empty_matrix(tmp_path, fn, argument, what):
    report = judged(tmp_path, maths(vector(fn, [argument], [])), exact=True)
    assert report.broken == (f"one.json: a: {what}",)


@EITHER
@pytest.mark.parametrize("expected", [{}, {"expect": []}, {"expect_full": {}}])
def test_an_epoch_of_which_nothing_is_expected_is_refused(tmp_path, exact, expected):
    document = read(GOLDEN / "derived/epoch_penalty_partial.json.gz")
    for step in document["steps"]:
        for name in ("expect", "expect_full", "trace"):
            step.pop(name, None)
        step.update(expected)
    report = judged(tmp_path, document, exact=exact)
    assert report.broken == ("one.json: must hold at least one vector that expects something, and holds none",)


@EITHER
def test_an_output_of_which_nothing_is_expected_is_refused(tmp_path, exact):
    given = POOL | {"tao_out": 0}
    report = judged(tmp_path, pools(vector("alpha_needed_for_tao", given, {}, where="inputs")), exact=exact)
    assert report.broken == ("one.json: a: expected must hold something to compare, is {}",)
