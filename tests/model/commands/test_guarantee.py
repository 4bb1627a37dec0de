"""The consensus guarantee: theorems without noise, hand-made votes, published figures, and the placebo without clip."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ext.chain_state import EpochRule, SubnetSnapshot
from ext.exact import exact_epoch
from model import cli
from model.charts import guarantee as charts
from model.commands import guarantee as commands
from model.experiments.guarantee import tables
from model.experiments.guarantee.contours import (
    HONEST_STAKE_SHARES,
    SELF_WEIGHT_SHARE,
    Contour,
    Line,
    contour,
    contours,
    crossing,
    lines,
)
from model.experiments.guarantee.guarantee import (
    BASELINE,
    N_SERVERS,
    N_VALIDATORS,
    Conditions,
    honest_shares,
    room,
    sides,
    vote,
)
from model.records.export import write_tables

NOISELESS = Conditions(weight_noise=0.0)
STEP = 0.02


def point(conditions, stake, honest, cabal, seed=1):
    """Honest shares at one point of the map, as three numbers, and the votes behind them."""
    drawn = sides(conditions, stake, seed)
    memory = room(drawn, 1)
    shares = honest_shares(conditions, drawn, np.array([honest]), np.array([cabal]), memory)
    return drawn, memory.weight[0], [float(share[0]) for share in shares]


def closed_form(stake, honest, cabal):
    """Honest emission share without noise, at a full penalty and kappa no larger than the honest stake."""
    if cabal >= 1.0 - honest:
        honest_rank, cabal_rank = stake * honest + (1.0 - stake) * (1.0 - cabal), 1.0 - honest
    else:
        honest_rank, cabal_rank = honest, stake * (1.0 - honest) + (1.0 - stake) * cabal
    incentive = honest_rank / (honest_rank + cabal_rank)
    dividend = incentive * stake * honest / honest_rank + (1.0 - incentive) * stake * (1.0 - honest) / cabal_rank
    return 0.5 * incentive + 0.5 * dividend


@pytest.fixture(scope="module")
def noiseless():
    """Contour of every stake share without noise."""
    return {line.honest_stake_share: found for line, found in contours(lines(NOISELESS, 1)).items()}


@pytest.mark.parametrize("stake", HONEST_STAKE_SHARES)
@pytest.mark.parametrize(("honest", "cabal"), [(0.3, 0.2), (0.6, 1.0), (0.9, 0.5)])
def test_without_noise_emission_is_the_closed_form_of_the_stored_votes(stake, honest, cabal):
    drawn, weight, (_, _, emission) = point(NOISELESS, stake, honest, cabal)
    share = weight / weight.sum(axis=1, keepdims=True)
    stored_honest = share[0, N_VALIDATORS : N_VALIDATORS + drawn.n_servers].sum()
    stored_cabal = share[-1, N_VALIDATORS + drawn.n_servers :].sum()
    assert emission == pytest.approx(closed_form(stake, stored_honest, stored_cabal), abs=5e-5)
    assert emission == pytest.approx(closed_form(stake, honest, cabal), abs=2e-3)


@pytest.mark.parametrize("stake", HONEST_STAKE_SHARES)
def test_without_noise_the_required_utility_is_the_stake_share_and_the_worst_cabal_tells_the_truth(noiseless, stake):
    found = noiseless[stake]
    assert found.worst == pytest.approx(stake, abs=2e-3)
    assert found.worst_cabal_weight_share == pytest.approx(1.0 - stake, abs=STEP)


@pytest.mark.parametrize(
    ("stake", "read_off"), [(0.6, 0.556667), (0.7, 0.625333), (0.8, 0.713846), (0.9, 0.833333)]
)  # weights_stddev_0.svg of the chain's documentation, against a cabal that votes for itself alone
def test_published_contour_without_noise_is_met(noiseless, stake, read_off):
    incentive = 0.5 * stake / (1.0 - 0.5 * stake)
    assert incentive / (stake + incentive * (1.0 - stake)) == pytest.approx(read_off, abs=1.3e-3)
    assert noiseless[stake].required[-1] == pytest.approx(read_off, abs=2e-3)


def test_without_clip_and_noise_a_cabal_of_self_voters_leaves_the_honest_side_its_stake_in_dividends_only():
    _, _, (incentive, dividend, emission) = point(replace(NOISELESS, clip=False), 0.6, 0.7, 1.0)
    assert dividend == pytest.approx(0.6, abs=1e-9)
    assert incentive == pytest.approx(0.6 * 0.7, abs=1e-3)
    assert emission < 0.6


@pytest.mark.parametrize(
    ("kappa", "cabal_shares"),
    [(0.4, (0.56, 0.45, 0.505)), (0.5, (0.3125, 0.140625, 0.226563)), (0.6, (1, 0.45, 0.725))],
)
def test_each_kappa_clips_whom_it_must(kappa, cabal_shares):
    _, _, shares = point(Conditions(weight_noise=0.0, kappa=kappa), 0.55, 0.8, 1.0)
    # Floored to 1/65535, an honest weight of about 200 loses up to half a percent.
    assert 1.0 - np.array(shares) == pytest.approx(cabal_shares, abs=4e-3)


TIE = Conditions(kappa=0.6)  # against an honest side that holds exactly that


@pytest.mark.parametrize("honest", [0.9, 0.95, 1.0])
def test_the_edge_above_is_the_chains_own(honest):
    """The exact epoch, with shares cut to 2^-32, on the same draw: a tie is no support."""
    drawn, weight, (_, _, emission) = point(TIE, 0.6, honest, 1.0)
    n_uids, nothing = N_VALIDATORS + N_SERVERS, [[]] * N_SERVERS
    subnet = SubnetSnapshot(
        block=1,
        emission_rao=10**9,
        stake_rao=[*(int(share * 21e15) for share in drawn.stake_share), *[0] * N_SERVERS],
        last_update_block=[1] * n_uids,
        registered_block=[0] * n_uids,
        weight_u16=[[(uid, int(value)) for uid, value in enumerate(row) if value] for row in weight] + nothing,
        bond_u16=[[]] * n_uids,
        permit=[uid < N_VALIDATORS for uid in range(n_uids)],
    )
    rule = EpochRule(kappa_u16=39_321, bonds_penalty_u16=65_534, yuma3=False, commit_reveal=False)  # kappa .6 exactly
    paid = exact_epoch(subnet, rule).emission_rao
    of_honest = sum(paid[: drawn.n_validators]) + sum(paid[N_VALIDATORS : N_VALIDATORS + drawn.n_servers])
    assert emission == pytest.approx(of_honest / sum(paid), abs=1e-5)
    _, _, (_, _, at) = point(replace(TIE, edge="at"), 0.6, honest, 1.0)
    assert at > emission + 0.2


def test_a_stake_of_exactly_kappa_needs_all_utility_above_the_edge_and_less_at_it():
    above, at = (contour(Line(conditions=replace(TIE, edge=edge))).worst for edge in ("above", "at"))
    assert above == pytest.approx(1.0, abs=1e-3)  # the published map: no protection up to a stake of kappa
    assert at == pytest.approx(0.883, abs=1e-3)  # on this draw


@pytest.mark.parametrize("edge", ["at", "above"])
@pytest.mark.parametrize("figure", [figure for figure in tables.PUBLISHED if figure.name.startswith("kappa")])
def test_published_figures_for_kappa_lie_off_the_edge_and_are_met_on_either_side(figure, edge):
    line = Line(conditions=replace(figure.conditions, edge=edge), honest_stake_share=figure.honest_stake_share)
    assert contour(line).worst == pytest.approx(figure.required_share, abs=figure.tolerance_share)


def test_nobody_can_ask_for_more_than_all_stake():
    assert Conditions(kappa=1.0).support_share == 1.0
    with pytest.raises(ValueError, match="edge must be one of at, above, is 'beyond'"):
        Conditions(edge="beyond")


def test_if_nobody_earns_incentive_emission_follows_stake():
    _, _, shares = point(Conditions(kappa=0.6), 0.51, 1.0, 1.0)
    assert shares == pytest.approx([0.51, 0.51, 0.51], abs=1e-12)


def test_xi_mixes_the_same_dividend_and_incentive():
    _, _, (incentive, dividend, emission) = point(Conditions(dividend_share=0.25), 0.6, 0.7, 0.9)
    _, _, baseline = point(BASELINE, 0.6, 0.7, 0.9)
    assert [incentive, dividend] == baseline[:2]
    assert emission == pytest.approx(0.25 * dividend + 0.75 * incentive, abs=1e-15)


@pytest.mark.parametrize(
    ("stake", "validators", "servers"), [(0.51, 32, 228), (0.6, 38, 268), (0.99, 63, 443), (0.1, 6, 44)]
)
def test_sides_have_the_published_sizes_and_all_the_stake(stake, validators, servers):
    drawn = sides(BASELINE, stake, seed=3)
    assert (drawn.n_validators, drawn.n_servers) == (validators, servers)
    assert drawn.stake_share[:validators].sum() == pytest.approx(stake)
    assert drawn.stake_share[validators:].sum() == pytest.approx(1.0 - stake)
    assert drawn.weight[:, :servers].sum(axis=1) == pytest.approx(np.ones(N_VALIDATORS))
    assert drawn.weight[:, servers:].sum(axis=1) == pytest.approx(np.ones(N_VALIDATORS))


@pytest.mark.parametrize(("stake", "sizes"), [(1e-6, (1, 1)), (1.0, (63, 447))])
def test_neither_side_is_empty(stake, sizes):
    drawn = sides(BASELINE, stake, seed=1)
    assert (drawn.n_validators, drawn.n_servers) == sizes


def test_all_stake_shares_of_a_seed_share_their_noise():
    small, large = sides(BASELINE, 0.6, seed=1), sides(BASELINE, 0.9, seed=1)
    # Rows in proportion, column by column to the row's largest, as a weight may be 0.
    row, best = np.arange(len(small.weight)), small.weight[:, :268].argmax(axis=1)
    part, whole = small.weight[row, best][:, np.newaxis], large.weight[row, best][:, np.newaxis]
    assert small.weight[:, :268] / part == pytest.approx(large.weight[:, :268] / whole)
    assert small.stake_share[:38] / small.stake_share[0] == pytest.approx(large.stake_share[:38] / large.stake_share[0])
    assert not np.allclose(small.weight, sides(BASELINE, 0.6, seed=2).weight)


def test_votes_are_floored_and_then_raised_to_65535():
    drawn = sides(NOISELESS, 0.6, seed=1)
    weight = np.zeros((1, N_VALIDATORS, N_VALIDATORS + N_SERVERS))
    vote(drawn, np.array([0.6]), np.array([1.0]), weight)
    # 65535 * .6 / 268 is floored to 146, 65535 * .4 / 180 to 145.
    assert set(weight[0, 0, 64:332]) == {65_535.0}
    assert set(weight[0, 0, 332:]) == {round(65_535 * 145 / 146)}
    assert set(weight[0, 63, 64:332]) == {0.0}
    assert set(weight[0, 63, 332:]) == {65_535.0}
    assert not weight[0, :, :64].any()


def test_crossing_is_interpolated_within_its_cell():
    slope = np.linspace(0.9, 1.1, 51)
    found = crossing(lambda at: SELF_WEIGHT_SHARE[at] * slope, 0.6)
    assert found == pytest.approx(0.6 / slope)


def test_crossing_is_missing_where_no_utility_is_enough_and_0_where_none_is_needed():
    def emission(at):
        return np.where(np.arange(51) < 25, 0.5, 0.7) + 1e-3 * SELF_WEIGHT_SHARE[at]

    found = crossing(emission, 0.6)
    assert np.isnan(found[:25]).all()
    assert (found[25:] == 0.0).all()
    assert np.isnan(Contour(found, (found,) * 3).worst)


@pytest.mark.parametrize("line", [Line(seed=2), Line(honest_stake_share=0.51, conditions=Conditions(kappa=0.6))])
def test_emission_crosses_the_stake_share_once_and_bisection_finds_it(line):
    mapped = contour(line, whole_map=True)
    retained = mapped.shares.emission >= line.honest_stake_share - 1e-9
    assert (np.diff(retained.astype(int), axis=0) >= 0).all()
    assert np.array_equal(mapped.required, contour(line).required)
    assert np.ceil(mapped.required / STEP - 1e-6) == pytest.approx((~retained).sum(axis=0))


def test_published_figures_are_met_on_one_seed():
    found = tables.published_table(contours(tables.published_lines(1)), 1)
    assert found.query("not met").empty
    nine = found[found["honest_stake_share"] == 0.6]
    assert len(nine) == 9
    assert (nine["error_share"].abs() <= 0.015).all()
    worst = found.set_index("condition")["worst_cabal_weight_share"]
    assert worst["beta 1"] == pytest.approx(0.8, abs=2 * STEP)
    assert worst["beta 0"] == 1.0


def test_without_clip_every_one_of_the_nine_figures_is_missed():
    found = tables.published_table(contours(tables.published_lines(1, clip=False)), 1, clip=False)
    assert not found.loc[found["honest_stake_share"] == 0.6, "met"].any()


def test_required_utility_is_least_between_60_and_70_percent_of_stake_under_noise():
    found = contours([Line(honest_stake_share=stake) for stake in (0.51, 0.65, 0.99)])
    narrow, middle, wide = (result.worst for result in found.values())
    assert middle < narrow
    assert middle < wide


@pytest.fixture(scope="module")
def small():
    """Tables of one line with its map."""
    wanted = [Line()]
    found = contours([], maps=wanted)
    return {
        "required": tables.required_table(found, wanted),
        "contours": tables.contour_table(found, wanted),
        "map": tables.map_table(found, wanted),
    }


def test_map_holds_one_row_for_each_point_and_its_parts_make_the_emission(small):
    table = small["map"]
    assert len(table) == 51 * 51
    assert not table.duplicated(["honest_weight_share", "cabal_weight_share"]).any()
    mixed = 0.5 * (table["honest_incentive_share"] + table["honest_dividend_share"])
    assert np.allclose(mixed, table["honest_emission_share"])
    at = table.query("honest_weight_share == 1.0 and cabal_weight_share == 1.0").iloc[0]
    assert at["honest_emission_share"] == pytest.approx(1.0)


def test_required_utility_is_the_contours_maximum(small):
    row = small["required"].iloc[0]
    assert row["required_honest_weight_share"] == small["contours"]["required_honest_weight_share"].max()
    assert row["seeds"] == 1
    assert np.isnan(row["required_sd_share"])


def test_tables_are_written_with_dictionary_and_manifest(small, tmp_path):
    manifest = tables.manifest_of(BASELINE, 1, "sandbox guarantee")
    folder = write_tables(tmp_path / "out", small, tables.DICTIONARY, manifest)
    assert {file.name for file in folder.iterdir()} == {
        "required.csv", "contours.csv", "map.csv", "data_dictionary.csv", "manifest.json",
    }  # fmt: skip
    back = pd.read_csv(folder / "contours.csv")
    assert np.array_equal(back["required_honest_weight_share"], small["contours"]["required_honest_weight_share"])


def test_manifests_of_other_conditions_differ():
    digests = {
        tables.manifest_of(conditions, seeds, "").scenario_digest
        for conditions in (BASELINE, NOISELESS, replace(BASELINE, clip=False))
        for seeds in (1, 3)
    }
    assert len(digests) == 6


def test_chart_draws_each_line_once_and_names_it_at_the_truthful_cabal():
    frame = pd.concat(
        pd.DataFrame(
            {
                "seed": seed,
                "honest_stake_share": stake,
                "cabal_weight_share": SELF_WEIGHT_SHARE,
                "required_honest_weight_share": stake + 0.01 * seed,
            }
        )
        for stake in (0.6, 0.8)
        for seed in (1, 2, 3)
    )
    frame.loc[frame["cabal_weight_share"] == 0.5, "required_honest_weight_share"] = np.nan
    spec = charts.retention_lines(frame).to_dict()
    rows = max(spec["datasets"].values(), key=len)
    assert len(rows) == 2 * 50
    assert {round(row["required_honest_weight_share"], 9) for row in rows} == {0.62, 0.82}
    assert len({row["width"] for row in rows if row["honest_stake_share"] == 0.6}) == 1
    names = min(spec["datasets"].values(), key=len)
    assert {(row["honest_stake_share"], round(row["cabal_weight_share"], 2)) for row in names} == {
        (0.6, 0.4),
        (0.8, 0.2),
    }


def test_chart_is_its_specification_where_it_cannot_be_rendered(small, monkeypatch):
    monkeypatch.setattr(charts, "find_spec", lambda name: None)
    name, content = charts.picture(charts.retention_lines(small["contours"]))
    assert name == "contours.vega-lite.json"
    assert json.loads(content)["$schema"].startswith("https://vega.github.io/schema/vega-lite/")


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (["--sigma=-0.1"], "weight noise sigma"),
        (["--kappa=0"], "kappa"),
        (["--beta=1.5"], "bonds penalty beta"),
        (["--xi=nan"], "dividend share xi"),
        (["--seeds=0"], "seeds"),
    ],
)
def test_an_option_out_of_range_ends_with_one_sentence_and_code_2(options, name, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["guarantee", *options])
    assert stopped.value.code == 2
    sentence = capsys.readouterr().err.strip()
    assert sentence.startswith(f"sandbox: {name} must be")
    assert "\n" not in sentence


@pytest.fixture
def one_line(monkeypatch):
    """The command, asked for one published figure and one line."""
    monkeypatch.setattr(tables, "PUBLISHED", tables.PUBLISHED[:1])
    monkeypatch.setattr(commands, "lines", lambda conditions, seeds: [Line(conditions=conditions)])


def test_command_ends_with_code_1_when_a_figure_is_missed(one_line, monkeypatch, capsys):
    monkeypatch.setattr(tables, "PUBLISHED", (replace(tables.PUBLISHED[0], required_share=0.7),))
    with pytest.raises(SystemExit) as stopped:
        cli.main(["guarantee", "--seeds=1"])
    assert stopped.value.code == 1
    assert "NO" in capsys.readouterr().out


def test_command_writes_the_same_bytes_again_wherever_it_writes(one_line, tmp_path):
    for name in ("one", "two"):
        cli.main(["guarantee", "--seeds=1", "--sigma=0.2", "--out", str(tmp_path / name)])
    one, two = ({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert {"published.csv", "required.csv", "contours.csv", "map.csv", "manifest.json"} < set(one)
    assert any(name.startswith("contours.") and not name.endswith(".csv") for name in one)
    command = json.loads(one["manifest.json"])["command"]
    assert command.startswith("sandbox guarantee --sigma=0.2 ")
    assert "--out" not in command


@pytest.mark.slow
def test_published_figures_are_met_on_three_seeds():
    assert tables.published_table(contours(tables.published_lines(3)), 3)["met"].all()
