"""The page of claims: its knobs' cases, how it plays them in slices, and what it says of them."""

import io
import json
import shlex
import zipfile

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from model import cli
from model.experiments.claims import CLAIMS
from model.experiments.claims.playing import Playing
from model.experiments.claims.study import FAILS, HOLDS
from model.pages.claims import answer, order
from model.pages.claims.details import archive
from model.pages.claims.order import ORDER, command_of
from model.pages.claims.studies import STUDIES

PAGE = "from model.pages.claims import page\npage.page()"
DEFAULTS = {study.name: {knob.name: knob.default for knob in study.knobs} for study in STUDIES}
BY_NAME = {study.name: study for study in STUDIES}


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page with two seeds; a slice is one epoch."""
    monkeypatch.setattr(order, "FEW_SEEDS", 2)
    monkeypatch.setattr(answer, "PLAY_SECONDS", 0.0)
    return AppTest.from_string(PAGE, default_timeout=30)


def look_at(app: AppTest, study: str) -> AppTest:
    app.session_state["claims letter"] = BY_NAME[study].claim
    app.session_state[f"claims study {BY_NAME[study].claim}"] = study
    return app.run()


def words(app: AppTest) -> str:
    return " ".join(one.value for one in (*app.markdown, *app.caption))


def tables(app: AppTest) -> str:
    return " ".join(one.proto.body for one in app.get("html"))


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_every_study_opens_with_its_claim_and_where_that_fails(app: AppTest, study) -> None:
    look_at(app, study.name)
    assert not app.exception
    assert not app.error
    claim = CLAIMS[study.claim]
    assert claim.claimed[:30] in words(app)
    assert all(text[:40] in tables(app).replace("&#x27;", "'") for text in (claim.setup, claim.holds, claim.fails))


def test_all_five_claims_have_studies_and_every_knob_says_what_it_does() -> None:
    assert {study.claim for study in STUDIES} == set(CLAIMS) == set("abcde")
    for study in STUDIES:
        assert study.knobs, study.name
        for knob in study.knobs:
            assert knob.help.endswith("."), knob.name
            assert knob.shown, knob.name


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_the_findings_of_a_study_are_those_of_its_claim(study) -> None:
    own, others = study.cases(DEFAULTS[study.name])
    claim = CLAIMS[study.claim]
    known = {case.study for case in claim.cases()}
    assert {case.study for case in (*own, *others)} <= known
    assert study.findings in known | {row["study"] for row in study.reckoned(DEFAULTS[study.name])}
    assert own or study.reckoned(DEFAULTS[study.name])


def test_the_claim_of_600_000_holds_where_a_hash_is_worth_12_697_operations_and_not_below() -> None:
    study = BY_NAME["600,000 times?"]
    verdicts = {worth: study.reckoned({"worth": worth})[0]["verdict"] for worth in (1.0, 10_000.0, 12_697.0)}
    assert verdicts == {1.0: FAILS, 10_000.0: FAILS, 12_697.0: HOLDS}


def test_a_knob_changes_the_answer(app: AppTest) -> None:
    look_at(app, "600,000 times?")
    assert "The claim fails in your case." in words(app)
    app.select_slider(key="claims 600,000 times? worth").set_value(12_697.0).run()
    assert not app.exception
    assert "The claim holds in part in your case." not in words(app)
    assert "The claim holds in your case." in words(app)


def test_a_study_plays_in_slices_stops_and_goes_on(app: AppTest) -> None:
    look_at(app, "A cartel's stake")
    playing: Playing = app.session_state[ORDER].playing
    assert 0 < playing.done_share < 1 / playing.n_runs
    assert "Your case is being played." in words(app)
    app.button(key="claims stop").click().run()
    before = playing.done_share
    app.run()
    assert playing.done_share == before
    app.button(key="claims go on").click().run()
    assert playing.done_share > before


def test_more_seeds_build_on_those_that_were_played(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "PLAY_SECONDS", 60.0)
    look_at(app, "A cartel's stake")
    assert app.session_state[ORDER].playing.finished
    assert "Each case was run with 2 seeds." in words(app)
    monkeypatch.setattr(answer, "PLAY_SECONDS", 0.0)
    app.button(key="claims more").click().run()
    playing = app.session_state[ORDER].playing
    assert len(playing.seeds) == 4
    assert playing.n_done >= 2
    app.slider(key="claims A cartel's stake stake").set_value(0.3).run()
    assert len(app.session_state[ORDER].playing.seeds) == 2


def test_a_finished_study_hands_out_its_table_and_its_numbers(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "PLAY_SECONDS", 60.0)
    look_at(app, "128 subnets")
    assert not app.exception
    table = app.dataframe[0].value
    assert set(table["verdict"]) == {HOLDS, FAILS}
    assert "subnet_limit".replace("_", " ") in tables(app)
    with zipfile.ZipFile(io.BytesIO(archive(app.session_state[ORDER]))) as bundle:
        findings = pd.read_csv(bundle.open("findings.csv"))
        manifest = json.loads(bundle.read("manifest.json"))
    assert len(findings) == len(table)
    assert "128 subnets" in manifest["command"]


def test_all_of_a_claims_cases_are_played_on_request(app: AppTest) -> None:
    look_at(app, "A cartel's stake")
    app.toggle(key="claims whole").set_value(True).run()
    played = {(case.study, case.setting) for case in app.session_state[ORDER].playing.cases}
    assert {(case.study, case.setting) for case in CLAIMS["b"].cases()} <= played


def test_rewards_of_nothing_are_one_sentence_and_the_answer_stays(app: AppTest) -> None:
    look_at(app, "Market or scheduler")
    before = app.session_state[ORDER]
    for subnet in range(4):
        app.slider(key=f"claims Market or scheduler pot {subnet}").set_value(0.0)
    app.run()
    assert not app.exception
    assert [error.value for error in app.error] == ["rewards must not all be 0."]
    assert app.session_state[ORDER] is before
    assert "your rewards" in tables(app)


def test_runs_that_fail_are_one_sentence(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ValueError("the score <b>overflows</b>")

    monkeypatch.setattr("model.experiments.claims.playing.Economy", break_down)
    monkeypatch.setattr(answer, "PLAY_SECONDS", 60.0)
    look_at(app, "A cartel's stake")
    assert not app.exception
    assert "14 runs failed" in app.error[0].value
    assert "\\<b\\>overflows" in app.error[0].value


def test_the_command_of_a_case_plays_that_case(tmp_path) -> None:
    own, _ = BY_NAME["128 subnets"].cases(DEFAULTS["128 subnets"])
    program, *arguments = shlex.split(command_of(own[0]))
    arguments[arguments.index("--out") + 1] = str(tmp_path / "case")
    assert program == "sandbox"
    cli.main(arguments)
    subnets = pd.read_csv(tmp_path / "case" / "subnets.csv")
    last = subnets[subnets["epoch"] == subnets["epoch"].max()]
    playing = Playing(own[:1], [], (1, 2), {})
    playing.play(60.0)
    effective = 1 / (last["emission_share"] ** 2).sum()
    assert effective == pytest.approx(playing.findings()["mean"][0], rel=1e-9)
