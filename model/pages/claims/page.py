"""The page of five claims about open compute networks: what is said, where it holds and fails, and a case to turn."""

import html
from typing import Any

import streamlit as st

from model.charts.theme import colour_of, text_colour
from model.experiments.claims import CLAIMS, Claim
from model.pages.chart import theme
from model.pages.claims.answer import draw_answer
from model.pages.claims.details import draw_details
from model.pages.claims.order import ORDER, Order, take_order
from model.pages.claims.studies import STUDIES, Knob, Study
from model.pages.guard import guarded
from model.pages.heading import heading
from model.pages.wording import sentence
from model.wording import plain

REDRAW_SECONDS = 0.25
SHORT = {"a": "Scale", "b": "Rewards and checks", "c": "Reward speed", "d": "Market or scheduler", "e": "The frame"}
LONG = 300  # characters of a text that is cut until it is asked for
# On a narrow screen what is said comes after what can be turned and seen.
STYLE = """<style>
.words {display: grid; grid-template-columns: repeat(3, 1fr); gap: 1.4rem; font-size: .86rem; line-height: 1.4}
.words p {margin: 0; overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4}
details[open] .words p {-webkit-line-clamp: none}
details summary.said {list-style: none; cursor: pointer}
details summary.said::after {content: "Read on"; font-size: .8rem; opacity: .75; text-decoration: underline}
details[open] summary.said::after {content: "Less"}
.st-key-card-claim-figure {min-height: 390px}
@media (max-width: 640px) {
  .st-key-claims-knobs .stColumn {min-width: 45% !important; flex: 1 1 45% !important}
  .words {grid-template-columns: 1fr; gap: .6rem}
  .words p, details .words p {-webkit-line-clamp: none}
  details summary.said::after {content: none}
  .st-key-claims-page > :has(> .st-key-claims-words) {order: 1}
  .st-key-claims-page > :has(> .st-key-claims-details) {order: 2}
}
</style>"""


def page() -> None:
    """Draw the claim that is asked for, its study's knobs, and the answer; only the answer is drawn again."""
    heading("Claims", "Five things said of open compute networks: where does each hold, and where does it fail?")
    st.html(STYLE)
    with st.container(key="claims-page"):
        letter = _choose("Claim", {letter: f"{letter} · {SHORT[letter]}" for letter in CLAIMS}, "claims letter")
        claim = CLAIMS[letter]
        st.markdown(f"**{plain(claim.question)}** {plain(claim.claimed)} :gray[:small[{plain(claim.source)}]]")
        with st.container(key="claims-words"):
            st.html(_words(claim))
        of_claim = {study.name: study for study in STUDIES if study.claim == letter}
        study = of_claim[_choose("Study", {name: name for name in of_claim}, f"claims study {letter}")]
        _draw_knobs(study)
        order: Order | None = st.session_state.get(ORDER)
        if order and order.study is study:
            order.drawn_active = order.active
            st.fragment(guarded(draw_answer), run_every=REDRAW_SECONDS if order.active else None)()
            with st.container(key="claims-details"):
                draw_details(order)


def _choose(label: str, names: dict[str, str], key: str) -> str:
    """One of the names; the one of last time for who comes back."""
    kept = st.session_state.setdefault("claims kept", {})
    st.session_state.setdefault(key, kept.get(key, next(iter(names))))
    chosen = st.segmented_control(
        label, list(names), key=key, required=True, label_visibility="collapsed", format_func=lambda one: names[one]
    )
    kept[key] = chosen or next(iter(names))
    return str(kept[key])


def _words(claim: Claim) -> str:
    """How the claim is tested, where it holds and where it fails, side by side; long texts are cut until asked for."""
    texts = {"Set-up": claim.setup, "It holds": claim.holds, "It fails": claim.fails}
    shown = theme()
    colours = {"Set-up": shown.ink} | {
        name: text_colour(colour_of(one), shown) for name, one in (("It holds", "honest"), ("It fails", "speed"))
    }
    parts = "".join(
        f'<p><b style="color:{colours[name]}">{name}.</b> {html.escape(text)}</p>' for name, text in texts.items()
    )
    row = f'<div class="words">{parts}</div>'
    if max(map(len, texts.values())) <= LONG:
        return row
    return f'<details><summary class="said">{row}</summary></details>'


def _draw_knobs(study: Study) -> None:
    """What may be turned; the sentence of a bad value, and what was on the screen stays."""
    with st.container(border=True, key="claims-knobs"):
        places = st.columns(max(len(study.knobs), 3))
        values = {knob.name: _draw_knob(place, study, knob) for place, knob in zip(places, study.knobs, strict=False)}
        try:
            take_order(study, values)
        except ValueError as error:
            st.error(f"{plain(sentence(error))}.", icon=":material/error:")


def _draw_knob(place: Any, study: Study, knob: Knob) -> Any:
    """Value of a knob, which a visitor who comes back finds as it was."""
    key = f"claims {study.name} {knob.name}"
    kept = st.session_state["claims kept"]
    st.session_state.setdefault(key, kept.get(key, knob.default))
    about = f"{knob.help} Default {knob.shown}."
    if not knob.options:
        low, high, step = float(knob.low), float(knob.high), float(knob.step)
        value = place.slider(knob.label, low, high, step=step, format=knob.number, key=key, help=about)
    elif isinstance(knob.default, str):
        value = place.selectbox(knob.label, knob.options, key=key, format_func=knob.written, help=about)
    else:
        value = place.select_slider(knob.label, knob.options, key=key, format_func=knob.written, help=about)
    kept[key] = value
    return value
