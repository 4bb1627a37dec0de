"""Registries: what is filed is found by name, and a wrong name or parameter is answered with the right ones."""

from dataclasses import dataclass

import pytest

from agents.registry import Registry
from agents.strategies import MINERS, NOMINATORS, VALIDATORS


@pytest.fixture
def fruit():
    registry = Registry("fruit")

    @registry.register("apple")
    @dataclass(frozen=True)
    class Apple:
        weight_g: float = 100.0
        colour: str = "red"

    return registry


def test_what_is_filed_is_found_and_built_with_its_defaults(fruit):
    assert fruit.names() == ("apple",)
    assert dict(fruit) == {"apple": fruit.get("apple")}
    assert fruit.build("apple", {"colour": "green"}) == fruit.get("apple")(weight_g=100.0, colour="green")
    assert fruit.defaults("apple") == {"weight_g": 100.0, "colour": "red"}


def test_a_name_that_is_not_filed_is_answered_with_those_that_are(fruit):
    with pytest.raises(ValueError, match=r"^no fruit 'aple' \(did you mean 'apple'\?\); there are apple$"):
        fruit.build("aple")
    with pytest.raises(ValueError, match=r"^no fruit 'kiwi'; there are apple$"):
        fruit.get("kiwi")


def test_a_parameter_that_is_not_known_is_answered_with_those_that_are(fruit):
    with pytest.raises(ValueError, match=r"^fruit 'apple' has no parameter 'size'; it has colour, weight_g$"):
        fruit.build("apple", {"size": 1})


def test_a_name_is_given_once(fruit):
    @dataclass(frozen=True)
    class Pear:
        pass

    with pytest.raises(ValueError, match=r"^fruit 'apple' is registered already"):
        fruit.register("apple")(Pear)


def test_only_frozen_dataclasses_are_filed(fruit):
    @dataclass
    class Melon:
        pass

    for entry in (Melon, object):
        with pytest.raises(TypeError, match=r"^fruit 'melon' must be a frozen dataclass$"):
            fruit.register("melon")(entry)


def test_every_role_finds_the_strategies_of_its_folder():
    assert {"honest", "best_response", "colluding", "cheater", "speed"} <= set(MINERS.names())
    assert {"honest", "colluding", "weight_copier"} <= set(VALIDATORS.names())
    assert "loyal" in NOMINATORS.names()


@pytest.mark.parametrize("name", ["", "  ", " apple", "a\x00", "a\nb", "a.b", "a" * 101])
def test_a_name_that_says_nothing_or_breaks_a_table_is_refused(fruit, name):
    @dataclass(frozen=True)
    class Pear:
        pass

    with pytest.raises(ValueError, match=r"^fruit .* must have a name of 1 to 100 printable characters"):
        fruit.register(name)(Pear)
