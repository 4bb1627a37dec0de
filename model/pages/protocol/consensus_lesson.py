"""The consensus of one small subnet, cell by cell: votes to edit, and what the kernel makes of them."""

import numpy as np
import pandas as pd
import streamlit as st

from model.chain.consensus.mechanism import Consensus
from model.charts.protocol import support_chart, support_sentence
from model.experiments.protocol.consensus_cells import MOST_EPOCHS, PRESETS, VARIANTS, Cells, Votes, cell_table, cells
from model.pages.chart import show, theme
from model.pages.wording import sentence
from model.records.export import csv_bytes
from model.units import U16_MAX
from model.wording import plain

STYLE = """<style>
.cells td, .cells th {text-align: right !important; white-space: nowrap}
.cells th:first-child, .cells td:first-child {text-align: left !important}
.cells .clip {background: rgba(213, 94, 0, .2)}
.cells s {opacity: .55; margin-right: .3rem}
.cells .sum th, .cells .sum td {border-top: 2px solid rgba(128, 128, 128, .5); font-weight: 600}
.cells .picked {background: rgba(0, 158, 115, .14)}
</style>"""


def draw() -> None:
    """Votes on the left, what consensus makes of them on the right, and one miner's weight explained."""
    st.html(STYLE)
    left, right = st.columns([5, 6])
    with left.container(border=True, key="card votes"):
        st.markdown("**Who votes for whom?** :gray[:small[edit any cell: stakes and weights in any unit]]")
        preset = st.segmented_control("Start from", list(PRESETS), default="one liar", key="votes preset",
                                      persist_state="session",
                                      required=True, help="Votes to begin with. Default: one liar.")  # fmt: skip
        votes = _whole_votes(_edited_votes(preset), PRESETS[preset])
        kappa, penalty, n_epochs, variant = _draw_consensus_knobs()
    found = cells(votes, kappa, penalty, n_epochs, variant)
    with right.container(border=True, key="card cells"):
        st.markdown("**What does consensus make of it?** :gray[:small[weights as shares of each row; what lies above "
                    "the consensus is struck out]]")  # fmt: skip
        miners = [f"M{number + 1}" for number in range(votes.weight.shape[1])]
        picked = st.segmented_control("Explain miner", miners, default=miners[-1], key="miner",
                                      persist_state="session", required=True,
                                      help="Whose consensus is worked out below. Default: the last.")  # fmt: skip
        number = miners.index(picked)
        st.html(_cells_table(found, number))
        if not found.stake_share.any():
            st.info("Nobody has stake, so nothing is supported and nobody is paid.", icon=":material/info:")
            return
        st.markdown(plain(support_sentence(found, number, kappa)))
    with left.container(border=True, key="card support"):
        st.markdown(f"**How much stake stands behind a weight on {picked}?**")
        show(support_chart(found, number, kappa, theme()), "support", 190)
    with right.container(border=True, key="card bonds"):
        st.markdown("**Who holds bonds, and what do they pay?** :gray[:small[bonds after the epochs with these votes; "
                    "dividends as shares of all]]")  # fmt: skip
        st.html(_bonds_table(found))
        st.download_button("Download CSV", lambda: csv_bytes(cell_table(found)), "consensus.csv", "text/csv",
                           key="cells csv", on_click="ignore", icon=":material/download:",
                           help="One row for each cell: weight, what is left, bond, and the pay of both.")  # fmt: skip


def _draw_consensus_knobs() -> tuple[float, float, int, str]:
    standard = Consensus()
    first, second = st.columns(2)
    kappa_u16 = first.slider(
        "Kappa, in 65,535ths", 1, U16_MAX, round(standard.kappa * U16_MAX), key="kappa", persist_state="session",
        help="Stake share that must support a weight, as the chain stores it. Default 32,767, half.")  # fmt: skip
    first.caption(f"{kappa_u16:,} / 65,535 = {kappa_u16 / U16_MAX:.1%} of stake")
    penalty = second.slider(
        "Bond penalty", 0.0, 1.0, standard.bonds_penalty, 0.05, key="bond penalty", persist_state="session",
        help="Share of a weight above consensus that is lost before bonds are bought. Default 1.")  # fmt: skip
    n_epochs = first.slider("Epochs with these votes", 1, MOST_EPOCHS, 10, key="lesson epochs", persist_state="session",
                            help="Bonds grow from 0, each epoch by a tenth of the rest. Default 10.")  # fmt: skip
    variant = second.segmented_control("Yuma", list(VARIANTS), default="yuma3", key="variant",
                                       persist_state="session", required=True,
                                       help="Bonds as fixed proportions, or as competing shares (yuma2).")  # fmt: skip
    return kappa_u16 / U16_MAX, penalty, n_epochs, variant


def _edited_votes(preset: str) -> pd.DataFrame:
    """The table of that preset with the visitor's edits, which a visit to another page leaves as they are.

    Cells are texts: the editor's own cells for numbers lose a leading point and the e of an exponent.
    """
    key = f"votes {preset}"
    begun, last = f"begun {key}", f"last {key}"  # the editor keeps edits apart from what it began with
    if key not in st.session_state:
        st.session_state[begun] = st.session_state.get(last, _votes_table(PRESETS[preset]))
    table: pd.DataFrame = st.session_state[begun]
    columns = {name: st.column_config.TextColumn(max_chars=30) for name in table.columns}
    edited = st.data_editor(table, key=key, width="stretch", disabled=["validator"], hide_index=True,
                            column_config=columns)  # fmt: skip
    st.session_state[last] = edited
    return edited


def _whole_votes(edited: pd.DataFrame, first: Votes) -> Votes:
    """Votes in the edited table; while a cell in it is wrong, a sentence and the last votes that were whole."""
    try:
        votes = Votes(stake=_numbers(edited[["stake"]])[:, 0], weight=_numbers(edited.filter(like="M")))
    except ValueError as error:
        st.error(f"{plain(sentence(error))}. What stands beside it belongs to the last whole table.",
                 icon=":material/error:")  # fmt: skip
        last: Votes = st.session_state.get("whole votes", first)
        return last
    st.session_state["whole votes"] = votes
    return votes


def _votes_table(votes: Votes) -> pd.DataFrame:
    cells = [[f"{one:g}" for one in row] for row in votes.weight]
    table = pd.DataFrame(cells, columns=[f"M{number + 1}" for number in range(votes.weight.shape[1])])
    table.insert(0, "stake", [f"{one:g}" for one in votes.stake])
    table.insert(0, "validator", [f"V{number + 1}" for number in range(len(table))])
    return table


def _numbers(frame: pd.DataFrame) -> np.ndarray:
    """Cells as numbers; what is none becomes NaN, which `Votes` names."""
    return frame.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)


def _cells_table(found: Cells, picked: int) -> str:
    """Weights, clipped ones struck out, with consensus, incentive and trust, in HTML."""
    n_validators, n_miners = found.weight.shape
    mark = [' class="picked"' if miner == picked else "" for miner in range(n_miners)]
    head = "".join(f"<th{mark[miner]}>M{miner + 1}</th>" for miner in range(n_miners))
    body = ""
    for validator in range(n_validators):
        row = ""
        for miner in range(n_miners):
            text, style = f"{found.weight[validator, miner]:.3f}", mark[miner]
            if found.clipped[validator, miner]:
                text, style = f"<s>{text}</s>{found.kept[validator, miner]:.3f}", ' class="clip"'
            row += f"<td{style}>{text}</td>"
        body += (f"<tr><th>V{validator + 1}</th><td>{found.stake_share[validator]:.1%}</td>{row}"
                 f"<td>{found.trust[validator]:.3f}</td></tr>")  # fmt: skip
    for name, values, form in (("consensus", found.consensus, ".3f"), ("incentive", found.incentive, ".1%")):
        row = "".join(f"<td{mark[miner]}>{values[miner]:{form}}</td>" for miner in range(n_miners))
        body += f'<tr class="sum"><th>{name}</th><td></td>{row}<td></td></tr>'
    return _sheet(f"<th></th><th>stake</th>{head}<th>trust</th>", body)


def _bonds_table(found: Cells) -> str:
    n_validators, n_miners = found.bond.shape
    head = "".join(f"<th>M{miner + 1}</th>" for miner in range(n_miners))
    body = "".join(
        f"<tr><th>V{validator + 1}</th>" + "".join(f"<td>{bond:.3f}</td>" for bond in found.bond[validator])
        + f"<td>{found.stake_share[validator]:.1%}</td><td>{found.dividend[validator]:.1%}</td></tr>"
        for validator in range(n_validators)
    )  # fmt: skip
    return _sheet(f"<th></th>{head}<th>stake</th><th>dividend</th>", body)


def _sheet(head: str, body: str) -> str:
    table = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="scroll"><table class="sheet cells">{table}</table></div>'
