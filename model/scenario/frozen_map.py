"""A mapping that never changes, so that a scenario that holds it can be hashed, compared and cached."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

V = TypeVar("V")


class FrozenMap(Mapping[str, V]):
    """Read-only mapping from names to values, in the order given; equal to any mapping with the same items."""

    __slots__ = ("_item",)

    def __init__(self, items: Mapping[str, V] | None = None) -> None:
        self._item: dict[str, V] = dict(items or {})

    def __getitem__(self, name: str) -> V:
        return self._item[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._item)

    def __len__(self) -> int:
        return len(self._item)

    def __hash__(self) -> int:
        return hash(frozenset(self._item.items()))

    def __repr__(self) -> str:
        return repr(self._item)

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenMap, (self._item,)
