"""Subnet Sandbox in the browser: `make app`."""

import streamlit as st

from model.pages import run


def main() -> None:
    """Show the page that is asked for."""
    st.set_page_config(page_title="Subnet Sandbox", page_icon="⚖️", layout="wide", initial_sidebar_state=312)
    st.navigation([st.Page(run.page, title="Run", default=True)], position="hidden").run()


if __name__ == "__main__":
    main()
