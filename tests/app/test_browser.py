import io
import json
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from model.scenario.scenario_file import digest, loads

pytestmark = pytest.mark.browser

N_CHARTS = 6  # the pay shape's, and those of the first tab


def figure(page: Page, label: str) -> Locator:
    """Value of the big number with this label."""
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def epochs(page: Page) -> int:
    text = page.get_by_text(re.compile(r"epochs? played")).first.inner_text()
    return int(text.split()[0].replace(",", ""))


def played(page: Page, n_epochs: int) -> Locator:
    return page.get_by_text(re.compile(rf"^{n_epochs} epochs? played"))


def wait_for_epochs_above(page: Page, n_epochs: int) -> None:
    page.wait_for_function(
        "least => parseInt((document.body.innerText.match(/([\\d,]+) epochs? played/) || [0, '0'])[1]) > least",
        arg=n_epochs,
    )


def ready(page: Page) -> None:
    """Wait until the big numbers and all charts are there."""
    expect(figure(page, "Spending on speed")).to_have_text(re.compile(r"\d"))
    page.wait_for_function(f"document.querySelectorAll('[data-testid=stVegaLiteChart] svg.marks').length >= {N_CHARTS}")


def settled(page: Page) -> None:
    """Wait until the page has been drawn to the end; it has to be paused for that."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def move_to_speed(page: Page) -> None:
    """Push the master slider from 'reward quality' to 'reward speed'."""
    page.get_by_role("slider", name="What do you reward?").press("End")


def download(page: Page) -> zipfile.ZipFile:
    """Zip of the run, from the button above the figures."""
    with page.expect_download() as arriving:
        page.locator(".st-key-tables button:visible").click()
    return zipfile.ZipFile(io.BytesIO(Path(arriving.value.path()).read_bytes()))


def upload(page: Page, name: str, data: bytes) -> None:
    button(page, "Share").click()
    expect(page.get_by_text("sandbox run speed-or-quality")).to_be_visible()
    page.get_by_role("tab", name="Files").click()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": name, "mimeType": "application/toml", "buffer": data}
    )


def test_a_visitor_runs_edits_pauses_steps_looks_back_resets_and_downloads(page: Page) -> None:
    ready(page)
    expect(figure(page, "Spending on speed")).to_have_text("20.0%")

    button(page, "Run").click()
    wait_for_epochs_above(page, 26)
    move_to_speed(page)
    expect(figure(page, "Spending on speed")).to_have_text("80.0%")
    expect(button(page, "Edits (1)")).to_be_enabled()

    button(page, "Pause").click()
    expect(page.get_by_role("slider", name="Epoch shown")).to_be_visible()  # drawn once nothing plays
    settled(page)
    n_epochs = epochs(page)
    button(page, "Step").click()
    expect(played(page, n_epochs + 1)).to_be_visible()

    with download(page) as bundle:
        capability = pd.read_csv(bundle.open("capabilities.csv"))
        manifest = json.loads(bundle.read("manifest.json"))
        scenario = bundle.read("scenario.toml")
    assert sorted(capability["epoch"].unique()) == list(range(n_epochs + 1))
    last = capability[capability["epoch"] == n_epochs].groupby("capability")["spend_tao"].sum()
    assert last["speed"] / last.sum() == pytest.approx(0.8, abs=5e-4)
    assert manifest["interventions"][0]["values"]["reward.capability_weight.speed"] == pytest.approx(0.8)
    assert digest(loads(scenario)) == manifest["scenario_digest"]

    page.get_by_role("slider", name="Epoch shown").press("Home")
    expect(figure(page, "Spending on speed")).to_have_text("20.0%")
    button(page, "Live").click()
    expect(figure(page, "Spending on speed")).to_have_text("80.0%")

    settled(page)
    button(page, "Reset").click()
    expect(played(page, 0)).to_be_visible()
    expect(figure(page, "Spending on speed")).to_have_text("–")

    page.get_by_role("spinbutton", name="Go to epoch").fill("30")
    page.get_by_role("spinbutton", name="Go to epoch").press("Enter")
    expect(played(page, 31)).to_be_visible()
    expect(button(page, "Run")).to_be_visible()

    settled(page)
    for tab, question in (("Concentration", "How unequal is it?"), ("Money and market", "Who gets rich?")):
        page.get_by_role("radio", name=tab).click()
        expect(page.get_by_text(question)).to_be_visible()


def test_reset_right_after_pause_is_never_lost(page: Page) -> None:
    ready(page)
    for _ in range(3):
        button(page, "Run").click()
        wait_for_epochs_above(page, 0)
        button(page, "Pause").click()
        button(page, "Reset").click()
        expect(played(page, 0)).to_be_visible()
        expect(button(page, "Run")).to_be_visible()


def test_a_reload_and_a_shared_link_show_the_same_run(page: Page, browser: Browser, url: str) -> None:
    ready(page)
    page.get_by_role("radio", name="Fast").click()
    move_to_speed(page)
    expect(played(page, 64)).to_be_visible()
    expect(button(page, "Run")).to_be_visible()
    expect(page).to_have_url(re.compile("epochs=64"))
    gini = figure(page, "Gini of rewards").inner_text()
    page.reload()
    ready(page)
    expect(played(page, 64)).to_be_visible()
    expect(figure(page, "Gini of rewards")).to_have_text(gini)
    expect(page.get_by_role("slider", name="What do you reward?")).to_have_value("100")
    with browser.new_context() as context, context.new_page() as other:
        other.goto(page.url)
        expect(played(other, 64)).to_be_visible()
        expect(figure(other, "Gini of rewards")).to_have_text(gini)
        # Two visitors: what one does is nothing to the other.
        button(other, "Step").click()
        expect(played(other, 65)).to_be_visible()
        expect(played(page, 64)).to_be_visible()


def test_a_downloaded_scenario_comes_back_to_its_digest_and_bad_files_leave_it_there(page: Page) -> None:
    ready(page)
    with download(page) as bundle:
        scenario = bundle.read("scenario.toml").replace(b"audit_rate = 0.0", b"audit_rate = 0.25")
    upload(page, "mine.toml", scenario)
    expect(page.get_by_role("slider", name="Weight of speed")).to_have_value("0.2")
    expect(page).to_have_url(re.compile(r"reward\.audit_rate=0\.25"))
    with download(page) as bundle:
        assert json.loads(bundle.read("manifest.json"))["scenario_digest"] == digest(loads(scenario))
    for bad, sentence in ((b"\x00\xff", "is not a TOML file"), (b"tomorrow = 1", "no field 'tomorrow'")):
        page.keyboard.press("Escape")
        upload(page, "bad.toml", bad)
        expect(page.get_by_test_id("stAlert")).to_contain_text(sentence)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(played(page, 24)).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (420, 900)])
def test_the_page_fits_in_light_and_dark(
    browser: Browser, url: str, screenshots: Path, width: int, height: int
) -> None:
    with browser.new_context(viewport={"width": width, "height": height}, color_scheme="light") as context:
        page = context.new_page()
        for scheme, paper in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(16, 21, 28)")):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(url)
            ready(page)
            expect(page.get_by_test_id("stApp")).to_have_css("background-color", paper)
            expect(page.locator("[data-testid=stVegaLiteChart] .role-axis-label text").first).to_have_css(
                "fill", "rgb(82, 96, 109)" if scheme == "light" else "rgb(169, 180, 192)"
            )
            page.screenshot(path=screenshots / f"sandbox-{width}-{scheme}.png")
        sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert sideways == 0
        if width > height:
            for box in page.get_by_test_id("stVegaLiteChart").all():
                place = box.bounding_box()
                assert place is not None
                assert place["y"] + place["height"] <= height
            expect(page.get_by_text("What do you reward?")).to_be_in_viewport()
            expect(button(page, "Run")).to_be_in_viewport()


def test_a_preset_is_chosen_and_runs(page: Page, screenshots: Path) -> None:
    ready(page)
    for preset in ("Gamed", "Cartel", "Inspection", "Full network"):
        page.get_by_role("combobox", name="Preset").click()
        page.get_by_role("option", name=preset, exact=True).click()
        expect(page).to_have_url(re.compile(f"preset={preset.lower().replace(' ', '-')}&"))
        before = epochs(page)
        button(page, "Run").click()
        wait_for_epochs_above(page, before + 1)
        page.screenshot(path=screenshots / f"sandbox-{preset.lower().replace(' ', '-')}.png")
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.get_by_test_id("stAlert")).to_have_count(0)
        button(page, "Pause").click()


def test_the_knobs_of_a_folded_section_come_when_it_is_opened_and_keep_what_they_say(page: Page) -> None:
    ready(page)
    rate = page.get_by_role("slider", name="Audited miners per epoch")
    expect(rate).to_have_count(0)
    page.get_by_text("Verification").click()
    rate.press("End")
    expect(button(page, "Edits (1)")).to_be_enabled()
    page.get_by_role("tab", name="People").click()
    expect(rate).to_have_count(0)
    page.get_by_role("tab", name="Reward").click()
    expect(rate).to_have_value("1")
