"""Golden files from anywhere: JSON, plain or gzipped, read with a limit and checked before anything runs."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

MAX_BYTES = 64 * 2**20
SCHEMAS = (
    "chain-epoch/1",
    "derived-epoch/1",
    "chain-math/1",
    "chain-coinbase/1",
    "chain-swap/1",
    "peer-case/1",
)

Document = dict[str, Any]


def vector_files(folder: Path) -> list[Path]:
    """Return the .json and .json.gz files below a folder, in order of their paths.

    Raises
    ------
    ValueError
        If it is no folder, or holds no such file.
    """
    if not folder.is_dir():
        raise ValueError(f"the folder of vectors must exist, and {folder} is no folder")
    found = sorted(path for path in folder.rglob("*") if path.name.endswith((".json", ".json.gz")))
    if not found:
        raise ValueError(f"the folder of vectors must hold .json or .json.gz files, and {folder} holds none")
    return found


def read(path: Path) -> Document:
    """Return the document in a file.

    Raises
    ------
    ValueError
        With one sentence on what is wrong: unreadable, too large, no JSON, or of no known schema.
    """
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"cannot be read ({error})") from error
    if len(content) > MAX_BYTES:
        raise ValueError(f"must not be larger than {MAX_BYTES >> 20} MiB when unpacked")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"must be JSON ({error})") from error
    if not isinstance(document, dict) or document.get("schema") not in SCHEMAS:
        schema = document.get("schema") if isinstance(document, dict) else None
        raise ValueError(f"schema must be one of {', '.join(SCHEMAS)}, is {schema!r}")
    return document
