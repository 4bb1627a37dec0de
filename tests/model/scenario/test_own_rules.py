"""Rules from a user's own file: the page's examples are played, and each way to break a contract is one sentence."""

import re
import shlex
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import model
from model.experiments.sweeps.execution import plugged
from model.reward_rules.score import SCORES, Measurement
from model.scenario.contracts import PARTS
from model.scenario.plugin import load_plugin

PAGE = (Path(model.__file__).parent / "scenario" / "OWN_RULES.md").read_text("utf-8")
FOUND = (textwrap.dedent(block).strip() for block in re.findall(r"(?:^    .*\n|^\n)+", PAGE, re.MULTILINE))
BLOCKS = [f"{block}\n" for block in FOUND if block]
CODE = dict(zip(re.findall(r"`(\w+\.py)`", PAGE), [one for one in BLOCKS if "import" in one], strict=True))
COMMANDS = [one.strip() for one in BLOCKS if one.lstrip().startswith("sandbox")]
SMALL = {"--epochs": "2", "--seeds": "1"}


@pytest.fixture
def fresh():
    """Forgets what files have registered, as a new process would."""
    kept = [(registry, dict(registry)) for registry, _ in PARTS.values()]

    def forget():
        for registry, entry in kept:
            registry._entry = dict(entry)
        plugged._load.cache_clear()
        for name in [name for name in sys.modules if name.startswith("plugin_")]:
            del sys.modules[name]

    yield forget
    forget()


@pytest.fixture
def files(tmp_path, monkeypatch, fresh):
    """The page's files, in the folder that commands are called in."""
    for name, code in CODE.items():
        (tmp_path / name).write_text(code)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.split("--plugin ")[1].split(".py")[0])
def test_the_commands_of_the_page_play(sandbox, files, command):
    words = shlex.split(command)[1:]
    for option, small in SMALL.items():
        if option in words:
            words[words.index(option) + 1] = small
    code, _, complaint = sandbox(*words)
    assert (code, complaint) == (0, "")


RULES = {
    "weakest.py": ("gamed", "reward.score", ["cobb_douglas", "weakest"]),
    "floor.py": ("gamed", "reward.pay", ["proportional", "floor"]),
    "root_of_price.py": ("gamed", "emission.rule", ["equal", "root_of_price"]),
    "one_vote.py": ("cartel", "consensus.mechanism", ["yuma3", "one_vote"]),
}


@pytest.mark.parametrize("name", CODE)
def test_each_kind_is_run_compared_and_swept(sandbox, files, fresh, name):
    scenario, path, values = RULES[name]
    own = f"{path}={values[1]}"
    short = ("--epochs", "2", "--plugin", name)
    assert sandbox("run", scenario, "--set", own, *short, "--out", "run")[0] == 0
    fresh()
    assert sandbox("compare", scenario, scenario, "--set-b", own, "--seeds", "1", *short, "--out", "pair")[0] == 0
    fresh()
    head = f'name = "own"\nscenario = "{scenario}"\nepochs = 2\noutcomes = ["users_value"]'
    text = f'{head}\n[factors]\n"{path}" = {values}\n'
    Path("own.toml").write_text(text.replace("'", '"'))
    assert sandbox("sweep", "own.toml", "--workers", "0", "--plugin", name, "--out", "swept")[0] == 0
    runs = pd.read_csv("swept/runs.csv")
    assert runs["status"].tolist() == ["ok", "ok"]
    fresh()
    code, _, complaint = sandbox("run", scenario, "--set", own, "--epochs", "2", "--out", "without")
    assert code == 2
    assert f"{values[1]!r}" in complaint


BROKEN = [
    ("weakest.py", ".min(axis=-1)", "", "must be an array of numbers of shape (2, 2, 4), is of shape (2, 2, 4, 3)"),
    ("weakest.py", ".min(axis=-1)", ".min(axis=-1) - 1", "score must be finite and >= 0, has -1"),
    ("weakest.py", ".min(axis=-1)", ".max(axis=-1)", "score must be finite and >= 0, has inf"),
    ("weakest.py", "(Score)", "", "has no proportional_weight"),
    ("weakest.py", "counts = ", "counts = 1 / 0 #", "contract: ZeroDivisionError: division by zero (line 14)"),
    ("weakest.py", "return np", "return np.random.default_rng().random((2, 2, 4)) + np.zeros(1) if 1 else np",
     "score must be the same for the same readings"),
    ("floor.py", "(score > 0).astype", "np.ones(score.shape).astype", "must give nothing to a score of 0, gives"),
    ("floor.py", "self.even_share * evenly + ", "", "weight must sum to 1 over uids"),
    ("floor.py", "return self", "evenly = shares((score > 0) * np.arange(5.0)); return self",
     "weight must not hang on the order of uids"),
    ("root_of_price.py", "np.sqrt(signals.price_ema)", "-signals.price_ema", "must be finite and >= 0, has -0.03"),
    ("root_of_price.py", "    source: ", "    origin: ", "has no source"),
    ("one_vote.py", "shares(mean)", "mean * 2", "incentive_share must sum to 1 or be 0, sums to 2"),
    ("one_vote.py", "return Verdict(", "return dict(", "agree must give a Verdict, gives {"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "sentence"), BROKEN)
def test_a_rule_that_breaks_its_contract_is_refused_in_a_sentence(files, name, old, new, sentence):
    assert old in CODE[name]
    Path("mine.py").write_text(CODE[name].replace(old, new))
    with pytest.raises(ValueError, match=r"^plug-in mine\.py: ") as caught:
        load_plugin(Path("mine.py"))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_readings_are_those_that_the_kernels_score():
    rng = np.random.default_rng(1)
    weight = np.array([[0.2, 0.0, 0.8], [1.0, 0.5, 0.5]])
    measurement = Measurement(
        claimed=rng.uniform(0, 2, (2, 7, 3)), capability_weight=weight, noise_sigma=np.full((2, 3), 0.4), key=99,
        validator=np.array([0, 3]), first_uid=2,
    )  # fmt: skip
    due = SCORES.build("linear").score(measurement)
    found = (weight[:, np.newaxis, np.newaxis] * measurement.readings()).sum(axis=-1)
    assert found == pytest.approx(due, rel=1e-12)
