"""The command that starts the page."""

import os
import sys
from importlib.resources import files
from pathlib import Path

import click

DOOR = Path(str(files("model").joinpath("door", "app.py")))


@click.command("app")
@click.option("--port", type=click.IntRange(1, 65_535), default=8501, show_default=True, help="Port to answer at.")
@click.option(
    "--address", default="127.0.0.1", show_default=True, help="Address to answer at; 0.0.0.0 lets other machines in."
)
@click.option("--browser/--no-browser", default=True, help="Whether to open a browser.")
def app_command(port: int, address: str, browser: bool) -> None:
    """Start the page and open it in the browser; Ctrl-C ends it. Its sweeps lie in data/runs of this folder."""
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(DOOR)]
    command += ["--server.port", str(port), "--server.address", address, "--server.headless", str(not browser).lower()]
    os.execv(sys.executable, command)
