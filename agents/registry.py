"""Names and the frozen dataclasses they stand for: strategies, and every other choice a scenario makes by name."""

import functools
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from agents.parameters import Mark, fitted, no_such, shown

T = TypeVar("T")

# One strategy may be in a population more than once: `lazy-weekly` plays `lazy` with parameters of its own.
_VARIANT = re.compile(r"-[A-Za-z0-9_-]{1,40}")


def entry_name(name: str) -> str:
    """Name of the entry that plays under `name`: what stands before the hyphen of a variant."""
    return name.partition("-")[0]


class Registry(Generic[T]):
    """A named set of frozen dataclasses of one kind; a file that defines one registers itself.

    Parameters
    ----------
    kind : str
        What the entries are, as an error should call them ("miner strategy", "emission rule").
    packages : str
        Import names of the packages whose modules hold the entries; they are imported at the first look-up.
    variants : bool
        Whether `name-word` stands for the entry `name`, for any word of letters, digits, "_" and "-".
    """

    def __init__(self, kind: str, *packages: str, variants: bool = False) -> None:
        self.kind = kind
        self._packages = packages
        self._variants = variants
        self._entry: dict[str, type[T]] = {}
        self._complete = False

    def register(self, name: str) -> Callable[[type[T]], type[T]]:
        """Class decorator that files a frozen dataclass under `name`; whoever builds one has its parameters checked."""

        def file(entry: type[T]) -> type[T]:
            if not is_dataclass(entry) or not entry.__dataclass_params__.frozen:  # type: ignore[attr-defined]
                raise TypeError(f"{self.kind} {name!r} must be a frozen dataclass")
            if not name.strip() or name != name.strip() or not name.isprintable() or "." in name or len(name) > 100:
                rule = "1 to 100 printable characters without a dot or blanks at its ends"
                raise ValueError(f"{self.kind} {shown(name)} must have a name of {rule}")
            if self._variants and "-" in name:
                raise ValueError(f"{self.kind} {name!r} must have no hyphen in its name: it sets a variant off")
            known = self._entry.get(name)
            # A module that is loaded again files its classes again.
            if known is not None and _home(known) != _home(entry):
                raise ValueError(f"{self.kind} {name!r} is registered already, by {known.__module__}")
            _check_what_is_built(entry, name)
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
        """Entry called `name`, or of which `name` is a variant.

        Raises
        ------
        ValueError
            If there is none; the sentence lists those that are.
        """
        self._discover()
        if not isinstance(name, str):
            raise ValueError(f"{self.kind} must be a name, is {shown(name)}")
        known = self._entry.get(name)
        if known is None and self._variants and _VARIANT.fullmatch(str(name).removeprefix(entry_name(str(name)))):
            known = self._entry.get(entry_name(str(name)))
        if known is None:
            raise ValueError(no_such(self.kind, name, self.names()))
        return known

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
                raise ValueError(f"{self.kind} {name!r} has no parameter {shown(parameter)}; it has {have}")
        return entry(**given)

    def defaults(self, name: str) -> dict[str, Any]:
        """Parameters of entry `name` with their default values."""
        return {
            field.name: field.default
            for field in fields(self.get(name))  # type: ignore[arg-type]
            if field.init and field.default is not MISSING
        }

    def marked(self, name: str, mark: Mark) -> tuple[str, ...]:
        """Parameters of entry `name` whose annotations hold this mark."""
        return tuple(
            parameter
            for parameter, kind in annotations(self.get(name)).items()  # type: ignore[arg-type]
            if get_origin(kind) is Annotated and mark in get_args(kind)
        )

    def _discover(self) -> None:
        if self._complete:
            return
        for package_name in self._packages:
            package = importlib.import_module(package_name)
            for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
                importlib.import_module(module.name)
        self._complete = True


@functools.cache
def annotations(entry: type) -> dict[str, Any]:
    """Annotation of each parameter of a dataclass, with what is noted in it."""
    hints = get_type_hints(entry, include_extras=True)
    return {field.name: hints[field.name] for field in fields(entry) if field.init}


def _check_what_is_built(entry: type, name: str) -> None:
    """Have the entry's own constructor take parameters that fit their annotations, and no others."""
    build = entry.__init__  # type: ignore[misc]
    signature = inspect.signature(build)

    @functools.wraps(build)
    def checked(self: Any, *given: Any, **named: Any) -> None:
        bound = signature.bind(self, *given, **named)
        for parameter, kind in annotations(entry).items():
            if parameter in bound.arguments:
                value = bound.arguments[parameter]
                bound.arguments[parameter] = fitted(f"{parameter} of {name}", kind, value)
        build(*bound.args, **bound.kwargs)

    entry.__init__ = checked  # type: ignore[misc]


def _home(entry: type) -> tuple[str, str]:
    return entry.__module__, entry.__qualname__
