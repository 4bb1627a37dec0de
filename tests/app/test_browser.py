import io
import json
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser

N_CHARTS = 5


def figure(page: Page, label: str) -> Locator:
    """Value of the big number with this label."""
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def epochs(page: Page) -> int:
    text = page.get_by_text(re.compile(r"epochs played")).inner_text()
    return int(text.split()[0].replace(",", ""))


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


def test_a_visitor_runs_moves_a_weight_pauses_steps_resets_and_downloads(page: Page) -> None:
    ready(page)
    expect(figure(page, "Spending on speed")).to_have_text("20.0%")

    button(page, "Run").click()
    page.wait_for_function("() => parseInt(document.body.innerText.match(/([\\d,]+) epochs played/)[1]) > 26")
    move_to_speed(page)
    expect(figure(page, "Spending on speed")).to_have_text("80.0%")
    expect(button(page, "Edits (1)")).to_be_enabled()

    button(page, "Pause").click()
    expect(button(page, "Run")).to_be_visible()
    settled(page)
    played = epochs(page)
    button(page, "Step").click()
    expect(page.get_by_text(f"{played + 1} epochs played")).to_be_visible()

    with page.expect_download() as arriving:
        button(page, "Download CSV").click()
    with zipfile.ZipFile(io.BytesIO(Path(arriving.value.path()).read_bytes())) as bundle:
        capability = pd.read_csv(bundle.open("capabilities.csv"))
        manifest = json.loads(bundle.read("manifest.json"))
    assert sorted(capability["epoch"].unique()) == list(range(played + 1))
    last = capability[capability["epoch"] == played].groupby("capability")["spend_tao"].sum()
    assert last["speed"] / last.sum() == pytest.approx(0.8, abs=5e-4)
    assert manifest["interventions"][0]["values"]["reward.capability_weight.speed"] == pytest.approx(0.8)

    settled(page)
    button(page, "Reset").click()
    expect(page.get_by_text("0 epochs played")).to_be_visible()
    expect(figure(page, "Spending on speed")).to_have_text("–")


def test_a_stranger_only_moves_the_slider_and_sees_hardware_and_money_move(page: Page) -> None:
    ready(page)
    gini = figure(page, "Gini of rewards").inner_text()
    move_to_speed(page)
    expect(figure(page, "Spending on speed")).to_have_text("80.0%")
    expect(page.get_by_text("64 epochs played")).to_be_visible()
    expect(button(page, "Run")).to_be_visible()
    expect(figure(page, "Gini of rewards")).not_to_have_text(gini)
    expect(figure(page, "Value users get")).to_have_text("0")


def test_two_visitors_have_a_run_each(page: Page, browser: Browser, url: str) -> None:
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(url)
        ready(page)
        ready(other)
        move_to_speed(page)
        expect(figure(page, "Spending on speed")).to_have_text("80.0%")
        button(other, "Step").click()
        expect(other.get_by_text("25 epochs played")).to_be_visible()
        expect(figure(other, "Spending on speed")).to_have_text("20.0%")


def test_the_page_asks_no_other_machine_for_anything_and_logs_no_error(browser: Browser, url: str) -> None:
    asked: list[str] = []
    errors: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(url)
        ready(page)
        move_to_speed(page)
        expect(figure(page, "Spending on speed")).to_have_text("80.0%")
    assert [address for address in asked if not address.startswith((url, "data:", "blob:"))] == []
    assert errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (420, 900)])
def test_the_page_fits(browser: Browser, url: str, screenshots: Path, width: int, height: int, scheme: str) -> None:
    with browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(url)
        ready(page)
        page.screenshot(path=screenshots / f"{width}-{scheme}.png")
        sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert sideways == 0
        ground = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
        assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(16, 21, 28)")
        if width > height:
            for box in page.get_by_test_id("stVegaLiteChart").all():
                place = box.bounding_box()
                assert place is not None
                assert place["y"] + place["height"] <= height
            expect(page.get_by_text("What do you reward?")).to_be_in_viewport()
            expect(button(page, "Run")).to_be_in_viewport()


@pytest.mark.parametrize("preset", ["Gamed", "Cartel", "Full network"])
def test_a_preset_is_chosen_and_runs(page: Page, screenshots: Path, preset: str) -> None:
    ready(page)
    page.get_by_role("combobox", name="Preset").click()
    page.get_by_role("option", name=preset, exact=True).click()
    expect(page.get_by_text("arrows: change since epoch 0")).to_be_visible()
    before = epochs(page)
    button(page, "Run").click()
    page.wait_for_function(
        "least => parseInt(document.body.innerText.match(/([\\d,]+) epochs played/)[1]) > least", arg=before + 3
    )
    page.screenshot(path=screenshots / f"{preset.lower().replace(' ', '-')}.png")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
