"""Odd values for whatever a stranger may hand in, and the judge: played with finite results, or one sentence."""

import math
import os
import re
import resource
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from agents.registry import annotations
from model.economy import Economy
from model.experiments.runs.run_folder import WritingError
from model.records.records import Records
from model.scenario.catalogue import REGISTRIES, scenario_fields
from model.scenario.scenario import Scenario
from model.scenario.scenario_file import to_tree, value_at, with_values

# Inputs of each kind. `make fuzz` asks for 10,000, and then for an answer to each within ten seconds.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
LONGEST_MS = 10_000
LARGEST_GROWTH_KIB = 2**20


def fuzz(n_examples: int) -> settings:
    """Settings of a fuzzer that the gate asks for so many inputs."""
    return settings(
        max_examples=EXAMPLES or n_examples, deadline=LONGEST_MS if EXAMPLES else None, derandomize=not EXAMPLES
    )


KINDS = {registry.kind for registry in REGISTRIES}
FIELDS = tuple(field.name for field in scenario_fields())
PARAMETERS = {parameter for registry in REGISTRIES for _, entry in registry for parameter in annotations(entry)}
NAMES = {part for field in FIELDS for part in (field, *field.split("."))} | PARAMETERS | KINDS
# Cells that are empty where there is nothing to divide by, and what a run with no epoch played has not got.
MAY_BE_EMPTY = re.compile(
    r"efficiency_share|price_of_anarchy|rent_dissipation|planner_value|_gini|_nakamoto|_hhi|_top\d+_|_effective"
    r"|halving_block|moved_spend"
)

NUMBERS = st.one_of(
    st.sampled_from([0, 1, -1, 2, 100, 0.5, 1.0, 2.0, 40.0, 1e-3, 1e-9, 1e-300, 5e-324, 1e3, 1e9, 1e100, 1e308]),
    st.sampled_from([math.inf, -math.inf, math.nan, 2**31, 2**63, 2**63 - 1, 10**40, -(2**63)]),
    st.floats(),
    st.integers(-5, 300),
    st.floats(0, 1),
)  # fmt: skip
TEXTS = st.sampled_from(["", "False", "1", "honest", "speed", "sped", "\x00", "\udcff", "=1+1", "a" * 300, "é", "\n"])
SCALARS = NUMBERS | TEXTS | st.booleans()
ANYTHING = st.recursive(
    SCALARS | st.sampled_from([None, np.float64(0.5), np.int64(3), np.array([0.5, 1.0]), b"x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)


def near(value: Any) -> st.SearchStrategy[Any]:
    """Values of the kind that `value` is, odd ones among them."""
    if isinstance(value, bool):
        return st.booleans()
    if isinstance(value, int | float):
        scale = st.sampled_from([0.0, 1e-12, 1e-3, 0.5, 1.0, 2.0, 1e3, 1e6, 1e12]).map(lambda factor: factor * value)
        one = NUMBERS | scale
        return one | st.lists(one, min_size=2, max_size=2)
    if isinstance(value, dict) and value:
        return st.fixed_dictionaries({name: near(part) for name, part in value.items()})
    return SCALARS | st.lists(NUMBERS, max_size=3)


EXTREMES = (0, 5e-324, 1e-300, 1e-100, 1e-12, 1e-6, 1e-3, 0.1, 0.5, 0.9, 1, 1.5, 2, 3, 5, 10, 11, 40, 100, 1e3, 1e4,
            1e6, 2.1e7, 1e9, 1e12, 1e100, 1e308, -1e-300, -1e-3, -0.5, -1, -8, -100, -1e6, -1e9, -1e300)  # fmt: skip


def accepted(path: str, base: Scenario) -> list[Any]:
    """Extremes that `base` takes at a path, each at its limits, in a table for every name."""
    held = value_at(to_tree(base), path)
    found = []
    for number in EXTREMES:
        value = dict.fromkeys(held, number) if isinstance(held, dict) else number
        try:
            with_values(base, {path: value})
        except ValueError:
            continue
        found.append(value)
    return found


def sentence(error: Exception, names: Iterable[str] = NAMES) -> str:
    """What a refusal says, which must be one line of bearable length with a name that the input could know."""
    text = str(error)
    assert text, repr(error)
    assert "\n" not in text, text
    assert len(text) < 1500, text
    assert any(name in text for name in names), text
    return text


def refused_or(make: Callable[[], Any], names: Iterable[str] = NAMES) -> Any:
    """What `make` makes, or None if it refuses in a sentence; anything else that is raised goes on up."""
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        return make()
    except (ValueError, WritingError) as error:
        sentence(error, names)
        return None
    finally:
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - grown
        assert grown < LARGEST_GROWTH_KIB, f"grew by {grown / 1024:,.0f} MiB"


def check_finite(records: Records) -> None:
    """Pass if every number that a run wrote is one; the cells that `MAY_BE_EMPTY` names may have none."""
    for table, series in records.series().items():
        for name in series.columns:
            found = np.asarray(series.history(name))
            if found.dtype.kind != "f":
                continue
            assert not np.isinf(found).any(), f"{table}.{name} is infinite"
            assert MAY_BE_EMPTY.search(name) or not np.isnan(found).any(), f"{table}.{name} is empty"


def play(economy: Economy, epochs: int = 3) -> None:
    """Play some epochs, in which the economy itself checks that nothing is lost; all that is written is finite."""
    for _ in range(min(epochs, economy.first_scenario.epochs)):
        economy.step()
    check_finite(economy.records)
