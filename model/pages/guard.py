"""What stands between a page and its reader: trouble becomes a sentence, and what is on the screen stays.

An address stands for what could be drawn: one that breaks a page is emptied, so that a reload does not break it again.
"""

import functools
import logging
from collections.abc import Callable

import streamlit as st

from model.pages.sandbox.live_run import BREAKDOWNS
from model.pages.wording import sentence
from model.wording import plain

LOG = logging.getLogger(__name__)
BROKE_DOWN = "part of the page broke down"


def guarded(draw: Callable[[], None]) -> Callable[[], None]:
    """`draw` with every error as one sentence; one that is not about the input is noted in the server's log."""

    @functools.wraps(draw)
    def safe() -> None:
        try:
            draw()
        except BREAKDOWNS as error:
            st.error(f"{plain(sentence(error))}.", icon=":material/error:")
        except Exception as error:
            LOG.exception("a page broke down")
            st.session_state[BROKE_DOWN] = True
            st.query_params.clear()
            st.error(
                f"This part of the page broke down ({plain(type(error).__name__)}); reload to begin anew.",
                icon=":material/error:",
            )

    return safe
