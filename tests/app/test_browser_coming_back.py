"""Pages that somebody leaves and comes back to: nothing that was set, asked for or played is lost or shown anew."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

COMPARED = re.compile("With B, the Gini.* after 3 seeds")


def go_to(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Subnet Sandbox" if name == "Sandbox" else name)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def test_the_knobs_say_what_is_in_force_and_the_next_press_moves_from_there(page: Page, url: str) -> None:
    page.goto(f"{url}/?preset=gamed&reward.audit_rate=0.03&reward.capability_weight.speed=0.683")
    weight = page.get_by_role("slider", name="Weight of speed")
    page.get_by_text("Verification").click()
    audits = page.get_by_role("slider", name="Audited miners per epoch")
    for _ in range(2):
        expect(weight).to_have_value("0.683")
        expect(audits).to_have_value("0.03")
        expect(page.get_by_text("0.683", exact=True)).to_be_visible()
        go_to(page, "Protocol")
        go_to(page, "Sandbox")
    weight.press("ArrowLeft")
    expect(weight).to_have_value("0.682")
    audits.press("ArrowRight")
    expect(audits).to_have_value("0.04")
    expect(page.get_by_role("button", name=re.compile(r"Edits"))).to_be_enabled()
    go_to(page, "Compare")
    go_to(page, "Sandbox")
    expect(weight).to_have_value("0.682")
    expect(audits).to_have_value("0.04")


def test_a_run_that_plays_has_its_address_again_when_its_reader_comes_back(page: Page) -> None:
    slider = page.get_by_role("slider", name="What do you reward?")
    slider.press("End")
    expect(page).to_have_url(re.compile("capability_weight.speed%3D0.8"))
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("link", name="Strategies", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Strategies")
    page.get_by_role("link", name="Sandbox", exact=True).click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("capability_weight.speed%3D0.8"))
    page.reload()
    expect(slider).to_have_value("100")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()


def test_compare_keeps_its_sides_and_its_answer(page: Page, url: str) -> None:
    page.goto(f"{url}/compare")
    seeds, epochs = page.get_by_role("spinbutton", name="Seeds"), page.get_by_role("spinbutton", name="Epochs")
    for field, value in ((seeds, "3"), (epochs, "5")):
        field.fill(value)
        field.press("Enter")
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_text(COMPARED)).to_be_visible()
    said = page.get_by_text(COMPARED).inner_text()
    go_to(page, "Claims")
    go_to(page, "Compare")
    expect(seeds).to_have_value("3")
    expect(epochs).to_have_value("5")
    expect(page.get_by_text(COMPARED)).to_have_text(said)


def test_sweep_keeps_the_name_and_the_form(page: Page, url: str) -> None:
    page.goto(f"{url}/sweep")
    name = page.get_by_role("textbox", name="Name")
    name.fill("mine")
    name.press("Enter")
    expect(page.get_by_test_id("stCode")).to_contain_text("/mine")
    replicates = page.get_by_role("spinbutton", name="Replicates")
    replicates.fill("7")
    replicates.press("Enter")
    expect(page.get_by_text("7 times each")).to_be_visible()
    go_to(page, "Strategies")
    go_to(page, "Sweep")
    expect(name).to_have_value("mine")
    expect(replicates).to_have_value("7")
