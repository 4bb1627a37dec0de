"""The pages that compare, teach the protocol, and explain words, in a real browser."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser
Look = Callable[[Page, str, Locator], None]


def settled(page: Page) -> None:
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def chart(page: Page) -> Locator:
    return page.locator("[data-testid=stVegaLiteChart] svg.marks").first


def compare(page: Page, seeds: int, epochs: int) -> None:
    for name, number in (("Seeds", seeds), ("Epochs", epochs)):
        page.get_by_label(name, exact=True).fill(str(number))
        page.get_by_label(name, exact=True).press("Enter")
        settled(page)
    page.get_by_role("button", name="Compare", exact=True).click()


def test_a_visitor_compares_reads_the_answer_and_takes_the_numbers_away(page: Page, url: str, look: Look) -> None:
    page.goto(f"{url}/compare")
    compare(page, 200, 2_000)
    expect(page.get_by_text(re.compile(r"of 800,000 epochs, about"))).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped before a pair was done")).to_be_visible()
    settled(page)

    compare(page, 2, 5)
    expect(page.get_by_text(re.compile(r"With B, the Gini of rewards by participant is .* higher"))).to_be_visible()
    expect(chart(page)).to_be_in_viewport(ratio=1.0)
    with page.expect_download() as arriving:
        page.get_by_role("button", name="Download CSV").click()
    with zipfile.ZipFile(io.BytesIO(Path(arriving.value.path()).read_bytes())) as bundle:
        table = pd.read_csv(bundle.open("differences.csv")).set_index("measure")
        manifest = json.loads(bundle.read("manifest.json"))
    assert table.loc["reward_gini_participant", "seeds"] == 2
    assert "--set-b=reward.audit_rate=0.3 --seeds=2 --epochs=5" in manifest["command"]
    look(page, "compare", chart(page))


def test_an_edited_cell_changes_the_consensus_and_a_bad_one_is_one_sentence(page: Page, url: str, look: Look) -> None:
    page.goto(f"{url}/protocol")
    expect(chart(page)).to_be_in_viewport(ratio=1.0)
    expect(page.get_by_text("Who holds bonds, and what do they pay?")).to_be_in_viewport()
    expect(page.get_by_text(re.compile("M5 is given at least 1 from 10.0% of stake"))).to_be_visible()
    settled(page)
    place = page.get_by_test_id("stDataFrame").locator("canvas").first.bounding_box()
    assert place is not None
    bad = page.get_by_text(re.compile(r"weight of V1 on M5 must be a number from 0 to 1e\+12, is -7"))
    for typed in ("-7", "45"):
        page.mouse.dblclick(place["x"] + place["width"] - 30, place["y"] + 50)
        cell = page.locator("#portal textarea")
        cell.fill(typed)
        cell.press("Enter")
        expect(bad).to_have_count(1 if typed == "-7" else 0)
        expect(page.locator(".cells").first).to_be_visible()
    expect(page.locator(".cells").first).to_contain_text("0.333")  # 45 of a row of 135
    for typed, share in (("9e0", "0.091"), (".25", "0.003")):  # of rows of 99 and 90.25
        settled(page)
        page.mouse.dblclick(place["x"] + place["width"] - 30, place["y"] + 50)
        cell.fill(typed)
        cell.press("Enter")
        expect(page.locator(".cells").first).to_contain_text(share)
    look(page, "protocol", chart(page))
    page.get_by_role("link", name="Strategies").click()
    expect(page.locator(".cells")).to_have_count(0)
    page.get_by_role("link", name="Protocol").click()
    expect(page.locator(".cells").first).to_contain_text("0.003")


def test_parts_of_the_protocol_are_drawn_when_they_are_asked_for(page: Page, url: str, look: Look) -> None:
    page.goto(f"{url}/protocol")
    for part, title in (
        ("Emission rules", "Which subnets does each rule pay?"),
        ("Supply and halving", "When is the block's TAO halved?"),
    ):
        page.get_by_role("radio", name=part).click()
        expect(page.get_by_text(title)).to_be_visible()
        expect(chart(page)).to_be_in_viewport(ratio=1.0)
        look(page, part.lower().replace(" ", "-"), chart(page))
    page.get_by_role("radio", name="Fidelity").click()
    expect(page.get_by_role("button", name="Run the golden vectors")).to_be_visible()


def test_a_word_finds_its_strategies_and_its_columns(page: Page, url: str, look: Look) -> None:
    page.goto(f"{url}/strategies")
    expect(page.get_by_role("heading", name="best_response")).to_be_in_viewport()
    look(page, "strategies", page.get_by_role("heading", name="best_response"))
    search = page.get_by_placeholder("Search")
    search.fill("consensus copier")
    search.press("Enter")
    expect(page.locator(".entries article")).to_have_count(1)
    expect(page.get_by_role("heading", name="weight_copier")).to_be_visible()
    search.fill("halving")
    search.press("Enter")
    page.get_by_role("radio", name="Columns of a run").click()
    expect(page.locator(".sheet tbody tr")).to_have_count(1)
    expect(page.locator(".sheet")).to_contain_text("halving_block")
