"""Subnet Sandbox in the browser: `sandbox app`."""

import gc
import importlib
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import streamlit as st

from model.pages.guard import guarded

PAGES = {
    "sandbox": "Sandbox",
    "compare": "Compare",
    "sweep": "Sweep",
    "claims": "Claims",
    "protocol": "Protocol",
    "strategies": "Strategies",
}


def page_of(name: str) -> Callable[[], None]:
    """Page in the module of that name, which is imported when somebody opens it."""

    def page() -> None:
        importlib.import_module(f"model.pages.{name}.page").page()

    return guarded(page)


def main() -> None:
    """Show the page that is asked for."""
    st.set_page_config(page_title="Subnet Sandbox", page_icon="⚖️", layout="wide", initial_sidebar_state=312)
    first = next(iter(PAGES))
    pages = [
        st.Page(page_of(name), title=title, url_path=None if name == first else name, default=name == first)
        for name, title in PAGES.items()
    ]
    st.navigation(pages, position="top").run()


def warm_up() -> None:
    """Import what the first page needs, and take it out of every later search for garbage, which it would slow down."""
    importlib.import_module(f"model.pages.{next(iter(PAGES))}.page")
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def warmed(_: st.App) -> AsyncIterator[None]:
    """Server that gets ready for its first visitor while it waits."""
    threading.Thread(target=warm_up, daemon=True).start()
    yield


if __name__ == "__main__":
    main()  # a visitor's run of this file
else:
    app = st.App("app.py", lifespan=warmed)  # what the server imports before anybody comes
