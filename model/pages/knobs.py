"""The knobs of the sidebar: widgets that show a scenario's fields and hand them back by dotted path."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from agents.registry import Registry
from agents.strategies import MINERS, VALIDATORS
from model import scenario_file
from model.consensus.mechanism import MECHANISMS
from model.frozen_map import FrozenMap
from model.reward_rules import PAYS, SCORES
from model.scenario import Scenario

MASTER = "speed against quality"
WEIGHTS = ("reward.capability_weight.speed", "reward.capability_weight.quality")
NEW_RUN = ("miners.mix", "validators.mix", "subnets.count")  # what a run starts from


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """A slider for the number at `path`; `help` says what it does, its unit and its default."""

    path: str
    label: str
    help: str
    high: float
    step: float
    low: float = 0.0
    number: str = "%.2f"


VERIFICATION = (
    Knob(path="reward.audit_rate", label="Audited miners per epoch", high=1.0, step=0.01, number="percent",
         help="Chance that a miner's claim is checked in an epoch. Default 0 %: claims are believed."),
    Knob(path="reward.detection_share", label="Lies an audit finds", high=1.0, step=0.01, number="percent",
         help="Chance that an audit uncovers a false claim. Default 80 %."),
    Knob(path="reward.fine_tao", label="Fine for a lie", high=2.0, step=0.05, number="%.2f TAO",
         help="TAO burned from the liar's purse each time it is caught. Default 0."),
    Knob(path="reward.exclusion_epochs", label="Ban after a lie", high=50, step=1, number="%d epochs",
         help="Epochs without any score after being caught; an epoch is 72 minutes. Default 0."),
    Knob(path="reward.measurement_noise", label="Measurement noise", high=1.0, step=0.01, number="percent",
         help="Standard deviation of one reading, as a share of what is read. Default 0 %: exact."),
)  # fmt: skip
PARAMETERS = {
    "decisiveness": Knob(path="", label="Decisiveness", low=0.1, high=5.0, step=0.1, number="%.1f",
        help="Power of the score in the pay: 1 pays in proportion, more favours the best. Default 1."),
    "temperature": Knob(path="", label="Temperature", low=0.05, high=10.0, step=0.05,
        help="In units of the score: a lead of this much is worth a factor of 2.7. Default 1."),
    "prize_ratio": Knob(path="", label="Prize of a rank over the one above", low=0.05, high=1.0, step=0.05,
        help="1 pays all ranks the same, less favours the first. Default 0.9."),
    "bar_share": Knob(path="", label="Pass mark", low=0.05, high=1.0, step=0.05, number="percent",
        help="Score needed for a full share, as a share of the best score. Default 50 %."),
    "n_winners": Knob(path="", label="Winners", low=1, high=100, step=1, number="%d miners",
        help="Number of best miners that share the pay equally. Default 10."),
    "substitution_exponent": Knob(path="", label="Substitution", low=0.05, high=1.0, step=0.05,
        help="1 adds capabilities up, towards 0 each one is needed. Default 0.5."),
}  # fmt: skip
SCORE_TEXT = {
    "linear": "add up",
    "cobb_douglas": "multiply",
    "ces": "in between",
}
PAY_TEXT = {
    "proportional": "proportional",
    "softmax": "exponential",
    "rank": "by rank",
    "top_k": "best k",
    "winner_take_all": "winner takes all",
    "equal": "equal",
    "threshold": "pass or fail",
}


@dataclass(slots=True)
class Setting:
    """What a knob says. A value set by the program gets a widget of its own, by a new `generation` in its key.

    While a run plays, the browser sends all widgets' values several times a second, old ones too: under the same key
    they would undo what the program set a moment ago.
    """

    value: Any
    start: Any
    generation: int = 0


def fill(scenario: Scenario) -> None:
    """Set every knob to what `scenario` says."""
    for path, value in _flat(scenario).items():
        _set(path, value)
    _follow_weights()


def key_of(path: str) -> str:
    """Key of the widget that now shows the knob at `path`."""
    return f"knob {path} {_settings()[path].generation}"


def read(scenario: Scenario) -> dict[str, Any]:
    """Values by dotted path in which the knobs differ from `scenario`; the mixes as shares that sum to 1.

    Raises
    ------
    ValueError
        If a mix is empty.
    """
    shown = {path: setting.value for path, setting in _settings().items()}
    known = _flat(scenario)
    changed = {path: value for path, value in shown.items() if path in known and value != known[path]}
    values: dict[str, Any] = {}
    for path, value in changed.items():
        section, _, strategy = path.partition(".mix.")
        if not strategy:
            values[path] = value
        elif (mix := _shares(section, shown)) != _rounded(getattr(scenario, section).mix):
            values[f"{section}.mix"] = mix
    for kind, registry in (("score", SCORES), ("pay", PAYS)):
        if f"reward.{kind}" in values:
            values = {path: value for path, value in values.items() if f"{kind}_parameters" not in path}
            values[f"reward.{kind}_parameters"] = registry.defaults(values[f"reward.{kind}"])
    if "subnets.count" in values:
        values |= resized(scenario, values["subnets.count"])
    return values


def draw(scenario: Scenario) -> None:
    """The sidebar's knobs, below the choice of the preset."""
    for path, value in _flat(scenario).items():
        if path not in _settings():
            _set(path, value)
    if MASTER not in _settings():
        _follow_weights()
    _draw_rewards(scenario)
    with st.expander("Who plays", icon=":material/groups:"):
        st.caption("Parts of the whole. A change starts a new run.")
        _draw_mix("Miners", "miners", MINERS)
        _draw_mix("Validators", "validators", VALIDATORS)
    with st.expander("Verification", icon=":material/verified:"):
        for knob in VERIFICATION:
            _slider(knob, knob.path)
        _choice("Consensus of validators", "consensus.mechanism", MECHANISMS.names(), {},
                "How votes become pay: Yuma clips those that too little stake supports. Default: yuma3.")  # fmt: skip
    with st.expander("Size", icon=":material/grid_view:"):
        size = Knob(path="subnets.count", label="Number of subnets", low=1, high=128, step=1, number="%d",
                    help="Markets that run side by side; the chain allows 128. A change starts a new run.")  # fmt: skip
        _slider(size, size.path)
        st.caption("A change starts a new run.")


def resized(scenario: Scenario, n_subnets: int) -> dict[str, Any]:
    """Lists with one number per subnet, by path, stretched or squeezed to `n_subnets`; largest stays largest."""
    values: dict[str, Any] = {}

    def walk(tree: Mapping[str, Any], path: str) -> None:
        for name, part in tree.items():
            if isinstance(part, Mapping):
                walk(part, f"{path}{name}.")
            elif isinstance(part, list) and all(isinstance(number, float) for number in part):
                place = np.linspace(0, len(part) - 1, n_subnets)
                values[path + name] = np.interp(place, np.arange(len(part)), part).tolist()

    tree = scenario_file.to_tree(scenario)
    for section in ("reward", "market", "value", "emission"):
        walk(tree[section], f"{section}.")
    return values


def _draw_rewards(scenario: Scenario) -> None:
    names = scenario.capabilities
    if {"speed", "quality"} <= set(names):
        with st.container(border=True, key="hero"):
            _draw_master()
    for name in names:
        knob = Knob(path="", label=f"Weight of {name}", high=1.0, step=0.01,
                    help=f"How much {name} counts against the other weights. Default: the preset's.")  # fmt: skip
        _slider(knob, f"reward.capability_weight.{name}")
    score, pay = st.columns(2)
    with score:
        _choice("Score", "reward.score", SCORES.names(), SCORE_TEXT,
                "How capabilities make one score. Multiply (Cobb-Douglas): each is needed. Add up (linear): "
                "one may replace another. In between: CES. Default: multiply.")  # fmt: skip
    with pay:
        _choice("Pay", "reward.pay", PAYS.names(), PAY_TEXT,
                "Which share of the pay a score earns. Default: in proportion to it.")  # fmt: skip
    for kind in ("score", "pay"):
        for name in _parameters(scenario, kind):
            _slider(PARAMETERS[name], f"reward.{kind}_parameters.{name}")


def _draw_master() -> None:
    knob = Knob(path="", label="What do you reward?", high=100, step=1, number="%d %% speed",
                help="Moves reward between quality and speed; both keep their sum. Default: the preset's.")  # fmt: skip
    _slider(knob, MASTER)
    st.html('<div class="poles"><span>← reward quality</span><span>reward speed →</span></div>')


def _draw_mix(title: str, section: str, registry: Registry[Any]) -> None:
    st.markdown(f"**{title}**")
    for name in registry.names():
        text = (registry.get(name).__doc__ or "").strip().splitlines()
        knob = Knob(
            path="",
            label=name.replace("_", " "),
            high=100,
            step=1,
            number="%d",
            help=f"{text[0] if text else name} In parts; default: the preset's.",
        )
        _slider(knob, f"{section}.mix.{name}")


def _slider(knob: Knob, path: str) -> None:
    start = _settings()[path].start
    if isinstance(start, tuple):
        st.caption(f"{knob.label}: set for each subnet by the scenario.")
        return
    if isinstance(start, FrozenMap):
        st.caption(f"{knob.label}: set for each capability by the scenario.")
        return
    number: Callable[[float], float] = int if isinstance(start, int) else float
    low, high = min(number(knob.low), start), max(number(knob.high), start)
    st.slider(
        knob.label, low, high, start, number(knob.step), key=key_of(path), format=knob.number, help=knob.help,
        on_change=_take, args=(path, key_of(path)),
    )  # fmt: skip


def _choice(label: str, path: str, names: Sequence[str], text: Mapping[str, str], about: str) -> None:
    st.selectbox(
        label, names, names.index(_settings()[path].start), key=key_of(path), help=about,
        format_func=lambda name: text.get(name, name), on_change=_take, args=(path, key_of(path)),
    )  # fmt: skip


def _settings() -> dict[str, Setting]:
    """This visitor's knobs by path."""
    settings: dict[str, Setting] = st.session_state.setdefault("knobs", {})
    return settings


def _set(path: str, value: Any) -> None:
    """Set a knob by program: a new widget with this value takes the place of the old one."""
    known = _settings().get(path)
    _settings()[path] = Setting(value, value, known.generation + 1 if known else 0)


def _take(path: str, key: str) -> None:
    """Note what the visitor set, and let the knobs that show the same thing follow; a replaced widget says nothing."""
    if key != key_of(path) or key not in st.session_state:
        return
    _settings()[path].value = st.session_state[key]
    if path == MASTER:
        _follow_master()
    elif path in WEIGHTS:
        _follow_weights()


def _flat(scenario: Scenario) -> dict[str, Any]:
    """Value of every knob by path, as its widget holds it."""
    reward = scenario.reward
    shown: dict[str, Any] = {
        f"reward.capability_weight.{name}": value for name, value in reward.capability_weight.items()
    }
    shown |= {"reward.score": reward.score, "reward.pay": reward.pay}
    for kind in ("score", "pay"):
        shown |= {f"reward.{kind}_parameters.{name}": value for name, value in _parameters(scenario, kind).items()}
    shown |= {knob.path: getattr(reward, knob.path.removeprefix("reward.")) for knob in VERIFICATION}
    shown |= {"consensus.mechanism": scenario.consensus.mechanism, "subnets.count": scenario.subnets.count}
    for section, registry, mix in (
        ("miners", MINERS, scenario.miners.mix),
        ("validators", VALIDATORS, scenario.validators.mix),
    ):
        shown |= {f"{section}.mix.{name}": round(100 * mix.get(name, 0.0)) for name in registry.names()}
    return shown


def _parameters(scenario: Scenario, kind: str) -> dict[str, Any]:
    """Parameters of the score or pay that have a knob, with their values."""
    registry: Registry[Any] = SCORES if kind == "score" else PAYS
    given = dict(getattr(scenario.reward, f"{kind}_parameters"))
    values = registry.defaults(getattr(scenario.reward, kind)) | given
    return {name: value for name, value in values.items() if name in PARAMETERS}


def _shares(section: str, shown: Mapping[str, Any]) -> dict[str, float]:
    parts = {
        path.removeprefix(f"{section}.mix."): part for path, part in shown.items() if path.startswith(f"{section}.mix.")
    }
    total = sum(parts.values())
    if total <= 0:
        raise ValueError(f"at least one strategy of the {section} must have a part above 0")
    return _rounded({name: part / total for name, part in parts.items() if part > 0})


def _rounded(mix: Mapping[str, float]) -> dict[str, float]:
    return {name: round(share, 12) for name, share in mix.items()}


def _follow_master() -> None:
    """Share the weight of speed and quality as the master says."""
    settings = _settings()
    total = sum(settings[path].value for path in WEIGHTS) or 1.0
    speed = round(total * settings[MASTER].value / 100, 4)
    for path, weight in zip(WEIGHTS, (speed, round(total - speed, 4)), strict=True):
        _set(path, weight)


def _follow_weights() -> None:
    """Put the master where the weights of speed and quality are."""
    values = [_settings()[path].value if path in _settings() else None for path in WEIGHTS]
    speed, quality = values
    if isinstance(speed, float) and isinstance(quality, float) and speed + quality > 0:
        _set(MASTER, round(100 * speed / (speed + quality)))
    elif MASTER not in _settings():
        _set(MASTER, 50)
