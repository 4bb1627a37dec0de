"""Runs the commands that README and the pages beside the code mark, and puts what they print in their place.

`make tables` does it. A marked place begins with `<!-- from: sandbox ... -->` and ends with `<!-- end -->`.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = (
    ROOT / "README.md",
    *sorted(page for part in ("agents", "model", "tests") for page in (ROOT / part).rglob("*.md")),
)
PLACE = re.compile(r"(<!-- from: (sandbox [^\n]*?) -->\n).*?(<!-- end -->)", re.DOTALL)


def commands(text: str) -> list[str]:
    """Commands that `text` marks, in order."""
    return [match.group(2) for match in PLACE.finditer(text)]


def output(command: str) -> str:
    """What the command prints to standard output."""
    words = [str(Path(sys.executable).with_name("sandbox")), *shlex.split(command)[1:]]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def block(text: str, command: str) -> str:
    """What stands in `text` at the place of `command`."""
    for match in PLACE.finditer(text):
        if match.group(2) == command:
            return match.group(0).removeprefix(match.group(1)).removesuffix(match.group(3)).strip()
    raise ValueError(f"no place is marked for {command!r}")


def renewed(text: str, command: str) -> str:
    """`text` with the place of `command` filled anew."""
    printed = output(command).strip()
    return PLACE.sub(lambda match: f"{match[1]}\n{printed}\n\n{match[3]}" if match[2] == command else match[0], text)


if __name__ == "__main__":
    for page in PAGES:
        for each in commands(page.read_text()):  # written one by one: a command that fails costs no other its table
            page.write_text(renewed(page.read_text(), each))
