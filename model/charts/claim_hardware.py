"""Chart of claim (c)'s study of hardware: how far it has followed a reward that moved, by who owns it."""

from model.charts.lines import Chart
from model.charts.sweeps import numeric
from model.charts.theme import Theme
from model.charts.verdicts import Words, line_rows, point_rows, rule_row, together, verdict_chart
from model.experiments.claims import Answer
from model.experiments.claims.owned_hardware import AFTER_EPOCHS, STUDY


def hardware(answer: Answer, theme: Theme) -> Chart:
    """Elasticity of hardware in its reward by epochs since the reward moved."""
    points = answer.findings[answer.findings["study"] == STUDY]
    observed = answer.findings.loc[answer.findings["study"] == "hardware that is owned", "mean"]
    curve = answer.curves["hardware_by_epoch"]
    lines = [
        line_rows(part["epochs_after"], part["elasticity"], str(name))
        for name, part in curve.groupby("hardware", sort=False)
    ]
    rules = [rule_row(share, f"Bitcoin in the month of a halving: {share:.3f}") for share in observed]
    last = points[points["position"] == AFTER_EPOCHS[-1]]
    told = "; ".join(f"{row.setting} {row.mean:.2f}" for row in last.itertuples())
    return verdict_chart(
        together(*lines, point_rows(points), *rules),
        x=numeric("x", "since the reward moved (epochs of a week)", zero=True, domain=[0, AFTER_EPOCHS[-1]]),
        y=numeric("y", "elasticity of hardware in its reward (ratio)", zero=True, domain=[0, 1.1]),
        words=Words(
            question="How fast does hardware follow a reward that moves?",
            how="1: wholly; lines: law of motion; points: ten miners, those who learn with 95 % interval",
            alt="Rented hardware follows at once, owned hardware as it wears out. "
            f"After {AFTER_EPOCHS[-1]} weeks: {told}.",
        ),
        theme=theme,
    )
