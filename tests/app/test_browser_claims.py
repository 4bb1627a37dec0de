"""The page of claims in a real browser: a visitor chooses a claim, turns its knob, stops, and takes the numbers."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from model.experiments.claims import CLAIMS
from model.pages.claims.page import SHORT

pytestmark = pytest.mark.browser

STUDIES = {"b": "A cartel's stake", "c": "Reward for speed", "d": "Market or scheduler", "e": "128 subnets"}
Look = Callable[[Page, str, Locator], None]


def chart(page: Page) -> Locator:
    return page.locator(".st-key-card-claim-figure svg.marks")


def own(page: Page) -> Locator:
    return page.locator(".st-key-card-own-case")


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()


def test_the_worth_of_a_hash_is_turned_until_the_claim_holds(page: Page, look: Look) -> None:
    page.get_by_role("link", name="Claims").click()
    choose(page, "600,000 times?")
    expect(own(page)).to_contain_text("The claim fails in your case.")
    expect(chart(page)).to_be_in_viewport(ratio=1.0)
    expect(page.get_by_text("It fails.")).to_be_in_viewport()
    expect(own(page)).to_be_in_viewport(ratio=1.0)
    look(page, "claims-a", chart(page))
    page.get_by_role("slider", name="Operations that a hash is worth").press("End")
    expect(own(page)).to_contain_text("The claim holds in your case.")
    expect(chart(page)).to_contain_text("yours: 4,7")
    page.get_by_role("tab", name="Facts from outside").click()
    expect(page.locator(".sheet").last).to_contain_text("bitcoin difficulty")


def test_every_claim_shows_its_question_its_knobs_and_its_answer_on_the_first_screen(page: Page, look: Look) -> None:
    page.get_by_role("link", name="Claims").click()
    for letter, study in STUDIES.items():
        choose(page, f"{letter} · {SHORT[letter]}")
        choose(page, study)
        expect(page.get_by_text(CLAIMS[letter].question)).to_be_in_viewport()
        expect(chart(page)).to_be_in_viewport(ratio=1.0)
        expect(page.locator(".st-key-claims-knobs")).to_be_in_viewport(ratio=1.0)
        expect(page.get_by_text("It fails.")).to_be_in_viewport()
        look(page, f"claims-{letter}", chart(page))


def test_runs_can_be_stopped_and_the_numbers_of_those_that_end_taken_away(page: Page) -> None:
    page.get_by_role("link", name="Claims").click()
    choose(page, f"b · {SHORT['b']}")
    choose(page, "Audits")
    expect(page.locator(".st-key-card-claim-figure")).to_contain_text("How much checking makes lying a loss?")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    choose(page, "A cartel's stake")
    page.get_by_role("slider", name="Stake of the cartel").press("End")
    expect(own(page)).to_contain_text("The claim fails in your case.")
    expect(own(page)).to_contain_text("Each case was run with 5 seeds.")
    page.get_by_role("tab", name="Do it again").click()
    expect(page.get_by_text(re.compile(r"^sandbox claims --only=b --seeds=5"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"^sandbox run cartel --seed 1 .*cartel\.stake_share=0\.65"))).to_be_visible()
    with page.expect_download() as arriving:
        page.get_by_role("button", name="Download CSV").click()
    with zipfile.ZipFile(io.BytesIO(Path(arriving.value.path()).read_bytes())) as bundle:
        findings = pd.read_csv(bundle.open("findings.csv")).set_index("position")
        manifest = json.loads(bundle.read("manifest.json"))
    assert findings.loc[0.65, "verdict"] == "fails"
    assert findings.loc[0.65, "seeds"] == 5
    assert manifest["command"].startswith("page Claims, (b) A cartel's stake: stake 0.65")
