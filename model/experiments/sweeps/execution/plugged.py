"""Runs whose strategies or rules come from a user's own files: every worker loads them, and refuses changed ones."""

import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from model.experiments.sweeps.execution.executors import Task
from model.experiments.sweeps.spec.outcomes import Result
from model.experiments.sweeps.spec.points import Point
from model.experiments.watch import UNWATCHED, Watch
from model.files import read_file
from model.scenario.plugin import LARGEST_PLUGIN_BYTES, load_plugin


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A user's Python file as it was when the sweep began."""

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PluggedTask:
    """A task that needs plug-ins: loads them into whatever process it is called in, once."""

    plugins: tuple[Plugin, ...]
    task: Callable[[Point, Watch], Result]

    def __call__(self, point: Point, watch: Watch = UNWATCHED) -> Result:
        """What the task says.

        Raises
        ------
        ValueError
            If a plug-in's file has changed since the sweep began; its code is not run.
        """
        for plugin in self.plugins:
            _load(plugin)
        return self.task(point, watch)


def loading(plugins: tuple[Plugin, ...]) -> Callable[[Task], Task]:
    """Makes of a task one that loads these files first; without any it stays as it is."""
    return lambda task: PluggedTask(plugins=plugins, task=task) if plugins else task


def load_plugins(paths: Iterable[Path]) -> tuple[Plugin, ...]:
    """The files at these paths, loaded into this process: scenarios can now name what they register.

    Raises
    ------
    ValueError
        If one can't be read or can't play; the sentence names the file.
    """
    found = []
    for path in paths:
        here = path.resolve()
        plugin = Plugin(path=here, sha256=_sha256(here))
        _load(plugin)
        found.append(plugin)
    return tuple(found)


def recorded(plugins: Iterable[Plugin]) -> tuple[Mapping[str, str], ...]:
    """Name and SHA-256 of each, for the manifest."""
    return tuple({"file": plugin.path.name, "sha256": plugin.sha256} for plugin in plugins)


@functools.cache
def _load(plugin: Plugin) -> None:
    found = _sha256(plugin.path)
    if found == plugin.sha256:
        found = load_plugin(plugin.path)["sha256"]
    if found != plugin.sha256:
        raise ValueError(
            f"plug-in {plugin.path} has changed since the sweep began: its SHA-256 must be "
            f"{plugin.sha256[:16]}..., is {found[:16]}..."
        )


def _sha256(path: Path) -> str:
    return hashlib.sha256(read_file(path, f"plug-in {path}", LARGEST_PLUGIN_BYTES)).hexdigest()
