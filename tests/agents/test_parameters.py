"""A parameter outside its range is answered with its name, the rule and the value."""

import pytest

from agents.parameters import whole_within, within


def test_the_ends_of_a_range_belong_to_it_unless_told():
    within("tau of logit", 0, 0, 1)
    within("tau of logit", 1, 0, 1, above=True)
    with pytest.raises(ValueError, match=r"^tau of logit must lie in \(0, 1\], is 0$"):
        within("tau of logit", 0, 0, 1, above=True)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf")])
def test_what_lies_outside_is_refused(value):
    with pytest.raises(ValueError, match=r"^tau of logit must lie in \[0, 1\], is "):
        within("tau of logit", value, 0, 1)


@pytest.mark.parametrize("value", [0, 11, 2.0, 2.5, True, "2"])
def test_a_count_is_a_whole_number_in_its_range(value):
    with pytest.raises(ValueError, match=r"^levels of hedge must be a whole number in \[1, 10\], is "):
        whole_within("levels of hedge", value, 1, 10)
