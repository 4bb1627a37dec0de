"""A sweep in a real browser: its process goes on without the page, and whatever it leaves is seen and taken away."""

import io
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from model import cli
from model.experiments.sweeps.execution import work

pytestmark = pytest.mark.browser

Look = Callable[[Page, str, Locator], None]
N_RUNS = 24
PATIENCE_MILLISECONDS = 60_000  # for processes that give way to all others
SPEC = """
question = "Does a cartel that votes with more stake get more?"
scenario = "cartel"
epochs = 40
replicates = 3
outcomes = ["cartel_emission_share", "users_value"]
[factors]
"cartel.stake_share" = [0.1, 0.2, 0.3, 0.4]
"consensus.bonds_penalty" = [0.0, 1.0]
"""


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def upload(page: Page, data: bytes) -> None:
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": "cartel-sweep.toml", "mimeType": "application/toml", "buffer": data}
    )


def said(page: Page, words: str) -> Locator:
    """How far the open sweep is."""
    return page.locator(".st-key-card-progress").get_by_text(re.compile(words)).first


def charts(page: Page) -> Locator:
    return page.locator("[data-testid=stVegaLiteChart] svg.marks")


def test_a_sweep_outlives_its_tab_is_cancelled_resumed_and_taken_away(page: Page, url: str, look: Look) -> None:
    page.goto(f"{url}/sweep")
    expect(button(page, "Start")).to_be_in_viewport()
    look(page, "sweep-new", page.locator(".st-key-card-latest"))
    page.get_by_role("radio", name="From a file").click()
    upload(page, b"\x00\xff\x9f not TOML")
    expect(page.get_by_text("is not a TOML file")).to_be_visible()
    upload(page, SPEC.encode())
    expect(page.get_by_test_id("stMetric").filter(has_text="Runs")).to_contain_text(str(N_RUNS))
    name = page.get_by_label("Name", exact=True).input_value()
    button(page, "Start").click()
    expect(said(page, "running")).to_be_visible()
    button(page, "Cancel").click()
    expect(said(page, "cancelled")).to_be_visible()
    button(page, "Resume").click()
    expect(said(page, rf"[1-9]\d* of {N_RUNS} runs done")).to_be_visible(timeout=PATIENCE_MILLISECONDS)

    with page.context.new_page() as again:
        page.close()
        again.goto(f"{url}/sweep")
        again.locator(".st-key-card-latest").get_by_role("button", name="Open").click()
        expect(again).to_have_url(f"{url}/sweep?sweep={name}")
        expect(said(again, "finished")).to_be_visible(timeout=PATIENCE_MILLISECONDS)
        expect(said(again, f"{N_RUNS} of {N_RUNS} runs done")).to_be_visible()
        answer = again.get_by_text("Cartel's stake moves cartel's share of pay most: 0.")
        expect(answer).to_contain_text("Does a cartel that votes with more stake get more?")
        expect(charts(again)).to_have_count(3)
        for picture in ("two_factors", "effects"):
            expect(again.locator(f".st-key-card-{picture} svg.marks")).to_be_in_viewport(ratio=1.0)
        with again.expect_download() as arriving:
            again.locator(".st-key-card-progress").get_by_role("button", name="CSV").click()
        with zipfile.ZipFile(io.BytesIO(Path(arriving.value.path()).read_bytes())) as bundle:
            runs = pd.read_csv(bundle.open("runs.csv"))
        assert runs["status"].tolist() == ["ok"] * N_RUNS
        look(again, "sweep-open", again.locator(".st-key-card-effects svg.marks"))


def test_a_sweep_of_the_command_line_is_opened_with_its_failures_and_nothing_outside_is(
    page: Page, url: str, runs: Path, tmp_path: Path, screenshots: Path
) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC.replace("40", "2").replace("0.1,", "7.0,"))
    with pytest.MonkeyPatch.context() as earlier:
        # As those were played that did not look first whether a value can ever be.
        earlier.setattr(work, "_check_levels", lambda base, spec: None)
        with pytest.raises(SystemExit):
            cli.main(["sweep", str(spec), "--out", str(runs / "by-command"), "--workers", "0"])
    shutil.copytree(runs / "by-command", runs.parent / "elsewhere")
    page.goto(f"{url}/sweep?sweep=by-command")
    expect(page.get_by_text("6 runs failed and are in no mean.")).to_contain_text(
        "cartel.stake_share must be in [0, 1]"
    )
    expect(charts(page)).to_have_count(3)
    page.get_by_role("radio", name="Failures").click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    page.screenshot(path=screenshots / "sweep-failures-1440-light.png")
    page.goto(f"{url}/sweep?sweep=../elsewhere")
    expect(page.get_by_text("no sweep '../elsewhere' in the folder of sweeps")).to_be_visible()
