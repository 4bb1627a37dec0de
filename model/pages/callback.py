"""What a widget does to a visitor's run when it is used."""

import functools
from collections.abc import Callable
from typing import ParamSpec

from streamlit.runtime.scriptrunner import RerunException

P = ParamSpec("P")


def whole(callback: Callable[P, None]) -> Callable[P, None]:
    """`callback`, which a wish to draw the page again can neither cut in two nor undo.

    Streamlit ends a callback at its first look at the session's state if such a wish has come meanwhile, and while a
    run plays one comes with every tick: the visitor's click would be lost, or half of it done. Here the callback, which
    must do no harm when done twice, begins again; a wish of the visitor's is passed on when it is done.
    """

    @functools.wraps(callback)
    def done(*arguments: P.args, **named: P.kwargs) -> None:
        wish: RerunException | None = None
        while True:
            try:
                callback(*arguments, **named)
                break
            except RerunException as request:
                if not request.rerun_data.is_auto_rerun:
                    wish = request
        if wish is not None:
            raise wish

    return done
