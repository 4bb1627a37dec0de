"""Openings that are played once, and a real server and a real browser for the tests marked `browser`."""

import os
import pickle
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright

from model.pages.sandbox.live_run import LiveRun

ROOT = Path(__file__).parents[2]
SCREENSHOTS = Path(__file__).parent / "screenshots"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# Lets the tests of this folder import what they share.
sys.path.insert(0, str(Path(__file__).parent))

START_SECONDS = 120
WAIT_MILLISECONDS = 60_000


@pytest.fixture(scope="session", autouse=True)
def openings() -> Iterator[None]:
    """Whoever opens a scenario again goes on from a copy of its first opening: a run plays the same epochs every time.

    That a copy goes on to the same bits is tested where Mesa is.
    """
    play, played = LiveRun.open, dict[bytes, bytes]()

    def open_again(run: LiveRun) -> None:
        start = pickle.dumps((run.economy, run.twin))
        if start in played:
            run.economy, run.twin, run.past = pickle.loads(played[start])
            return
        trouble = run.trouble
        play(run)
        if run.trouble == trouble:
            played[start] = pickle.dumps((run.economy, run.twin, run.past))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LiveRun, "open", open_again)
        yield


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; without one the tests are skipped, or fail if SANDBOX_BROWSER=required."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        reason = f"no browser on the path, looked for {', '.join(NAMES)}"
        if os.environ.get("SANDBOX_BROWSER") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the sweeps that the server lists and plays."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="session")
def url(chromium: str, runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of this checkout's app, on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log.txt"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.headless", "true", "--server.fileWatcherType", "none"]
    here = os.environ | {"SANDBOX_RUNS": str(runs)}
    with (
        log.open("wb") as out,
        subprocess.Popen(command, cwd=ROOT, env=here, stdout=out, stderr=subprocess.STDOUT) as server,
    ):
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=10)
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium without a window."""
    expect.set_options(timeout=WAIT_MILLISECONDS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def laptop(browser: Browser) -> Iterator[BrowserContext]:
    """Browser window of a laptop in light colours; its tabs are visitors of their own and load scripts only once."""
    with browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light") as context:
        context.set_default_timeout(WAIT_MILLISECONDS)
        yield context


@pytest.fixture
def page(laptop: BrowserContext, url: str) -> Iterator[Page]:
    """The first page in a new tab; in the end, it has asked no other machine for anything and logged no error."""
    asked: list[str] = []
    errors: list[str] = []
    with laptop.new_page() as opened:
        opened.on("request", lambda request: asked.append(request.url))
        opened.on("console", lambda message: errors.append(message.text) if _is_error(message) else None)
        opened.goto(url)
        yield opened
    assert [address for address in asked if not address.startswith((url, "data:", "blob:"))] == []
    assert errors == []


@pytest.fixture
def look(screenshots: Path) -> Callable[[Page, str, Locator], None]:
    """Takes pictures of a page that shows this, narrow and dark, then wide and light; no wider than its window.

    The key r draws the page again, because charts keep the colours in which they were drawn.
    """

    def take(page: Page, name: str, shown: Locator) -> None:
        for width, scheme, ground in ((420, "dark", "rgb(16, 21, 28)"), (1440, "light", "rgb(255, 255, 255)")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            expect(page.locator(".stApp")).to_have_css("background-color", ground)
            # A table that has the focus would take the key for the beginning of an entry.
            page.evaluate("document.activeElement?.blur()")
            page.keyboard.press("r")
            expect(shown).to_be_visible()
            expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
            page.screenshot(path=screenshots / f"{name}-{width}-{scheme}.png")
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        expect(page.get_by_test_id("stException")).to_have_count(0)

    return take


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Folder of the pictures that the tests take, for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    return SCREENSHOTS


def _is_error(message: ConsoleMessage) -> bool:
    """Whether a page complains; one that is opened by its own address first looks for the server below it, in vain."""
    return message.type == "error" and "/_stcore/" not in message.location["url"]


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    """Return once the server answers; each refused connection is an answer at once, so this asks again and again."""
    for _ in range(START_SECONDS * 10):
        try:
            with urllib.request.urlopen(address, timeout=START_SECONDS):
                return
        except urllib.error.URLError:
            try:
                server.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
            break
    pytest.fail("the server did not start")
