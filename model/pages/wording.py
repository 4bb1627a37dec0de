"""Names, numbers and files' texts as a reader of the page should see them."""

from collections.abc import Mapping
from typing import Any

BLOCK_SECONDS = 12  # subtensor 14bc6f9


def sentence(error: BaseException) -> str:
    """What went wrong, in one line of at most a few hundred characters, without a full stop."""
    text = " ".join(str(error).split()) or type(error).__name__
    return (text if len(text) <= 400 else f"{text[:400]} …").rstrip(".")


def plain_name(name: str) -> str:
    """Preset's file name as words."""
    return name.replace("-", " ").capitalize()


def days(n_epochs: int, tempo_blocks: int) -> str:
    """Time on the chain that so many epochs take: "1.2 days"."""
    n_days = n_epochs * tempo_blocks * BLOCK_SECONDS / 86_400
    return f"{n_days / 365.25:,.1f} years" if n_days > 1_000 else f"{n_days:,.1f} days"


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
