"""Names and the frozen dataclasses they stand for: strategies, and every other choice a scenario makes by name."""

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """A named set of frozen dataclasses of one kind; a file that defines one registers itself.

    Parameters
    ----------
    kind : str
        What the entries are, as an error should call them ("miner strategy", "emission rule").
    packages : str
        Import names of the packages whose modules hold the entries; they are imported at the first look-up.
    """

    def __init__(self, kind: str, *packages: str) -> None:
        self.kind = kind
        self._packages = packages
        self._entry: dict[str, type[T]] = {}
        self._complete = False

    def register(self, name: str) -> Callable[[type[T]], type[T]]:
        """Class decorator that files a frozen dataclass under `name`."""

        def file(entry: type[T]) -> type[T]:
            if not is_dataclass(entry) or not entry.__dataclass_params__.frozen:  # type: ignore[attr-defined]
                raise TypeError(f"{self.kind} {name!r} must be a frozen dataclass")
            known = self._entry.get(name)
            # A module that is loaded again files its classes again.
            if known is not None and _home(known) != _home(entry):
                raise ValueError(f"{self.kind} {name!r} is registered already, by {known.__module__}")
            self._entry[name] = entry
            return entry

        return file

    def names(self) -> tuple[str, ...]:
        """Names of all entries, in alphabetical order."""
        self._discover()
        return tuple(sorted(self._entry))

    def __iter__(self) -> Iterator[tuple[str, type[T]]]:
        return iter((name, self._entry[name]) for name in self.names())

    def get(self, name: str) -> type[T]:
        """Entry called `name`.

        Raises
        ------
        ValueError
            If there is none; the sentence lists those that are.
        """
        self._discover()
        if name not in self._entry:
            near = difflib.get_close_matches(str(name), self._entry, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise ValueError(f"no {self.kind} {name!r}{hint}; there are {', '.join(self.names())}")
        return self._entry[name]

    def build(self, name: str, parameters: Mapping[str, Any] | None = None) -> T:
        """Entry `name` with these parameters; what is not given keeps the entry's default.

        Raises
        ------
        ValueError
            If the name, a parameter or a value is not one the entry knows.
        """
        entry = self.get(name)
        known = {field.name for field in fields(entry) if field.init}  # type: ignore[arg-type]
        given = dict(parameters or {})
        for parameter in given:
            if parameter not in known:
                have = ", ".join(sorted(known)) or "none"
                raise ValueError(f"{self.kind} {name!r} has no parameter {parameter!r}; it has {have}")
        return entry(**given)

    def defaults(self, name: str) -> dict[str, Any]:
        """Parameters of entry `name` with their default values."""
        return {
            field.name: field.default
            for field in fields(self.get(name))  # type: ignore[arg-type]
            if field.init and field.default is not MISSING
        }

    def _discover(self) -> None:
        if self._complete:
            return
        for package_name in self._packages:
            package = importlib.import_module(package_name)
            for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
                importlib.import_module(module.name)
        self._complete = True


def _home(entry: type) -> tuple[str, str]:
    return entry.__module__, entry.__qualname__
