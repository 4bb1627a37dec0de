"""Plays the main commands of an installation, far from any checkout: python installed.py FOLDER_OF_ITS_COMMANDS.

The environment must hold the package as it is built, and not this checkout.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DATA = CHECKOUT / "data"
WHERE = (
    "import agents, ext, model; from model.records.provenance import sources_sha256; "
    "print(model.__file__, agents.__file__, ext.__file__, sources_sha256())"
)
DRAWN = (
    "from streamlit.testing.v1 import AppTest; from model.commands.app import DOOR; "
    "page = AppTest.from_file(str(DOOR), default_timeout=120).run(); "
    "print(len(page.exception), len(page.error), len(page.button))"
)
START_SECONDS = 60


class Installation:
    """Commands of an environment, each started in a folder that holds nothing else."""

    def __init__(self, commands: Path, folder: Path) -> None:
        self.commands, self.folder = commands.absolute(), folder
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def said(self, program: str, *arguments: str) -> str:
        """What a command says; it must end well."""
        command = [str(self.commands / program), *arguments]
        print("  ", program, *arguments, flush=True)
        ended = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=900
        )
        assert ended.returncode == 0, f"{' '.join(command)} ended with {ended.returncode}: {ended.stderr[-2000:]}"
        return ended.stdout

    def page(self) -> None:
        """Draw the page, and start its server."""
        exceptions, errors, buttons = map(int, self.said("python", "-P", "-c", DRAWN).split())
        assert (exceptions, errors) == (0, 0)
        assert buttons > 0
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [str(self.commands / "sandbox"), "app", "--port", str(port), "--no-browser"]
        print("  ", "sandbox", *command[1:], flush=True)
        with subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL) as server:
            try:
                assert answer(f"http://127.0.0.1:{port}/_stcore/health", server) == "ok"
            finally:
                server.terminate()


def answer(address: str, server: "subprocess.Popen[bytes]") -> str:
    """What the server says there, once it is up."""
    for _ in range(START_SECONDS * 5):
        assert server.poll() is None, f"the page ended with {server.returncode}"
        try:
            with urllib.request.urlopen(address, timeout=5) as page:
                return page.read().decode()
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"nothing answers at {address}")


def names(folder: str) -> list[str]:
    """Shipped files of that kind."""
    found = sorted(path.stem for path in (DATA / folder).glob("*.toml"))
    assert found, f"no files in {DATA / folder}"
    return found


def play(installed: Installation) -> None:
    """Play them; an AssertionError says what is missing."""
    sys.path.insert(0, str(CHECKOUT))
    from model.records.provenance import sources_sha256

    *places, digest = installed.said("python", "-P", "-c", WHERE).split()
    assert not any(Path(place).is_relative_to(CHECKOUT) for place in places), places
    assert digest == sources_sha256(), "the wheel holds other code than the checkout"
    listed = installed.said("sandbox", "scenarios")
    assert [name for name in names("scenarios") if name not in listed] == []
    installed.said("sandbox", "run", "cartel", "--epochs", "20", "--out", "cartel")
    assert (installed.folder / "cartel" / "epochs.csv").stat().st_size > 0
    installed.said("sandbox", "sweep", "collusion", "--out", "collusion", "--dry-run")
    installed.said("sandbox", "fidelity")
    installed.said("sandbox", "battery", "--only", "trust")
    installed.said("sandbox", "claims", "--only", "e", "--seeds", "2", "--out", "claims")
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    assert version in installed.said("sandbox", "--version")
    installed.page()


def main(arguments: list[str]) -> int:
    """Exit code: 0 when everything plays."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        play(Installation(Path(arguments[0]), Path(folder)))
    print("the installation plays without the checkout")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
