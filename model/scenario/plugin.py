"""Strategies and rules from a user's own Python file.

It runs as it is: the command line alone loads one, never the page.
"""

import hashlib
import sys
import traceback
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.registry import Registry
from model.bounds import error_text
from model.files import read_file
from model.scenario.contracts import PARTS, TRIALS

LARGEST_PLUGIN_BYTES = 10_000_000


def load_plugin(path: Path) -> Mapping[str, str]:
    """Name and SHA-256 of the Python file at `path`, for the manifest; scenarios can now name what it registers.

    Raises
    ------
    ValueError
        If it can't be read, raises, registers nothing, or registers what can't play; the sentence names the file.
    """
    code = read_file(path, f"plug-in {path}", LARGEST_PLUGIN_BYTES)
    before = {kind: set(registry.names()) for kind, (registry, _) in PARTS.items()}
    sha256 = hashlib.sha256(code).hexdigest()
    module = types.ModuleType(f"plugin_{sha256[:16]}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look their module up while they are made
    try:
        exec(compile(code, str(path), "exec"), module.__dict__)
    except BaseException as error:
        del sys.modules[module.__name__]
        raise ValueError(f"plug-in {path} cannot be imported: {error_text(error)}{_where(error, path)}") from error
    added = [
        (registry, name, parts)
        for kind, (registry, parts) in PARTS.items()
        for name in registry.names()
        if name not in before[kind]
    ]
    if not added:
        *first, last = PARTS
        raise ValueError(f"plug-in {path} registers nothing new: no {', '.join(first)} or {last}")
    for registry, name, parts in added:
        _check(registry, name, parts, path)
    return {"file": path.name, "sha256": sha256}


def _check(registry: Registry[Any], name: str, parts: tuple[str, ...], path: Path) -> None:
    for part in parts:
        if not hasattr(registry.get(name), part):
            raise ValueError(f"plug-in {path}: {registry.kind} {name!r} has no {part}")
    here = f"plug-in {path}: {registry.kind} {name!r}"
    try:
        built = registry.build(name)
    except BaseException as error:  # its checks of itself are anybody's code
        raise ValueError(f"{here} has no working defaults: {error_text(error)}") from error
    if registry.kind in TRIALS:
        try:
            TRIALS[registry.kind](built)
        except BaseException as error:
            raise ValueError(f"{here} breaks its contract: {error_text(error)}{_where(error, path)}") from error


def _where(error: BaseException, path: Path) -> str:
    """The line of the file in which it went wrong; empty if it was never run."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f" (line {lines[-1]})" if lines else ""
