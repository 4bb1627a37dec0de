"""Callbacks that a wish to draw the page again meets while they work."""

import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException

from model.pages.callback import whole


class Wished:
    """A callback with two steps; a wish comes between them, the first time."""

    def __init__(self, *wishes: RerunData) -> None:
        self.wishes, self.state = list(wishes), {"first": 0, "second": 0}

    def __call__(self, value: int) -> None:
        self.state["first"] = value
        if self.wishes:
            raise RerunException(self.wishes.pop(0))
        self.state["second"] = value


def test_the_tick_of_a_run_cannot_cut_a_callback_in_two() -> None:
    wished = Wished(RerunData(is_auto_rerun=True), RerunData(is_auto_rerun=True))
    whole(wished.__call__)(3)
    assert wished.state == {"first": 3, "second": 3}


def test_what_a_visitor_does_meanwhile_is_passed_on_when_the_callback_is_done() -> None:
    click = RerunData(query_string="of the visitor")
    wished = Wished(click, RerunData(is_auto_rerun=True))
    with pytest.raises(RerunException) as passed_on:
        whole(wished.__call__)(3)
    assert passed_on.value.rerun_data is click
    assert wished.state == {"first": 3, "second": 3}
