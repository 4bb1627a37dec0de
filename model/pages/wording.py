"""Names, numbers and files' texts as a reader of the page should see them."""

import re
from collections.abc import Mapping
from typing import Any


def plain(text: str) -> str:
    """Text that Markdown shows as it is written."""
    return re.sub(r"([\\`*_{}\[\]<>()#+\-!|~$:&])", r"\\\1", text)


def plain_name(name: str) -> str:
    """Preset's file name as words."""
    return name.replace("-", " ").capitalize()


def described(values: Mapping[str, Any]) -> str:
    """An edit in words: "speed weight 0.8, audit rate 0.1"."""
    words = []
    for path, value in values.items():
        name = path.removeprefix("reward.").removesuffix("_share")
        if name.startswith("capability_weight."):
            name = f"{name.rpartition('.')[2]} weight"
        if not isinstance(value, Mapping):
            shown = f"{value:g}" if isinstance(value, int | float) else str(value)
            words.append(f"{name.rpartition('.')[2].replace('_', ' ')} {shown.replace('_', ' ')}")
    return ", ".join(words)
