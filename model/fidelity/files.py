"""Golden files from anywhere: JSON, plain or gzipped, read with a limit and checked before anything runs."""

from __future__ import annotations

import gzip
import io
import json
import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from model.files import read_file

MAX_BYTES = 64 * 2**20
SCHEMAS = (
    "chain-epoch/1",
    "derived-epoch/1",
    "chain-math/1",
    "chain-coinbase/1",
    "chain-swap/1",
    "peer-case/1",
)

ELSEWHERE = {"chain-block/1": "blocks of the chain hold what was paid, not what an engine answers"}
INDEX_NAMES = ("index", "manifest", "contents", "catalogue", "catalog", "checksums")

Document = dict[str, Any]


def vector_files(folder: Path) -> list[Path]:
    """Return the .json and .json.gz files below a folder, in order of their paths.

    Raises
    ------
    ValueError
        If it is no folder, or holds no such file.
    """
    if not os.path.isdir(folder):  # False for a name that is too long
        raise ValueError(f"the folder of vectors must exist, and {folder} is no folder")
    found = sorted(path for path in folder.rglob("*") if path.name.endswith((".json", ".json.gz")))
    if not any(not is_index(path) for path in found):
        raise ValueError(f"the folder of vectors must hold .json or .json.gz files, and {folder} holds none")
    return found


def is_index(path: Path) -> bool:
    """Return whether a file says by its name that it lists other files."""
    return path.name.removesuffix(".gz").removesuffix(".json").lower() in INDEX_NAMES


def lists_files(content: Any, names: Iterable[str]) -> bool:
    """Return whether JSON is a list of files: it names some of these, and has no schema but one of an index."""
    schema = content.get("schema") if isinstance(content, dict) else None
    if not isinstance(content, dict | list) or not (schema is None or any(name in str(schema) for name in INDEX_NAMES)):
        return False
    text = json.dumps(content)
    return any(f'{name}"' in text for name in names)


def read(path: Path) -> Document:
    """Return the document in a file.

    Raises
    ------
    ValueError
        With one sentence on what is wrong: unreadable, too large, no JSON, or of no known schema.
    """
    return checked(parsed(path))


def parsed(path: Path) -> Any:
    """Return the JSON in a file, plain or gzipped.

    Raises
    ------
    ValueError
        If it is unreadable, too large or no JSON.
    """
    try:
        packed = read_file(path, "it", MAX_BYTES)
        with gzip.open(io.BytesIO(packed)) if path.suffix == ".gz" else io.BytesIO(packed) as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"cannot be read ({error})") from error
    if len(content) > MAX_BYTES:
        raise ValueError(f"must not be larger than {MAX_BYTES >> 20} MiB when unpacked")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"must be JSON ({error})") from error


def checked(document: Any) -> Document:
    """Return a document whose schema is known; ValueError if it is not."""
    if not isinstance(document, dict) or document.get("schema") not in SCHEMAS:
        schema = document.get("schema") if isinstance(document, dict) else None
        raise ValueError(f"schema must be one of {', '.join(SCHEMAS)}, is {schema!r}")
    return document
