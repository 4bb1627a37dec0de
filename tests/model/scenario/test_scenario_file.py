"""Scenario files: what is written reads back equal, and what a stranger writes gets one sentence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.scenario.scenario import Scenario
from model.scenario.scenario_file import (
    LARGEST_FILE_BYTES,
    digest,
    dumps,
    find,
    load,
    loads,
    parse_value,
    shipped,
    with_values,
)

SHARE = st.floats(0, 1)
WEIGHT = st.just(0.0) | st.floats(1e-6, 4)


def refusal(data):
    """Sentence with which the bytes of a file are refused; one line, and short."""
    with pytest.raises(ValueError, match=r".") as caught:
        loads(data, "mine.toml")
    sentence = str(caught.value)
    assert sentence.startswith("mine.toml")
    assert "\n" not in sentence
    assert len(sentence) < 600
    return sentence


@settings(deadline=None, derandomize=True, max_examples=30)
@given(
    st.fixed_dictionaries(
        {
            "epochs": st.integers(1, 10**7),
            "seed": st.integers(0, 2**63 - 1),
            "story": st.text(max_size=20),
            "chain.owner_cut_share": SHARE,
            "reward.capability_weight.speed": WEIGHT | st.lists(WEIGHT, min_size=16, max_size=16),
            "cartel.self_weight": SHARE,
            "emission.enabled": st.booleans() | st.lists(st.booleans(), min_size=16, max_size=16),
            "miners.parameters": st.just({"cheater": {"claim_factor": 2.5}}),
        }
    )
)
def test_a_scenario_reads_back_equal(values):
    scenario = with_values(Scenario(), values)
    again = loads(dumps(scenario).encode())
    assert again == scenario
    assert digest(again) == digest(scenario)


@pytest.mark.parametrize("name", shipped())
def test_shipped_scenarios_read_back_equal(name):
    assert loads(dumps(find(name)).encode()) == find(name)


def test_the_digest_names_the_scenario_and_not_the_seed():
    base = find("cartel")
    assert digest(with_values(base, {"seed": 99})) == digest(base)
    assert digest(with_values(base, {"cartel.merit_share": 0.31})) != digest(base)
    assert len(digest(base)) == 16


def test_the_digest_is_the_same_for_two_and_two_point_nought():
    whole, floating = (with_values(Scenario(), {"reward.pay_parameters": {"decisiveness": two}}) for two in (2, 2.0))
    assert whole == floating
    assert digest(whole) == digest(floating)


def test_whole_number_parameters_stay_whole():
    scenario = with_values(Scenario(), {"reward.pay": "top_k", "reward.pay_parameters": {"n_winners": 5}})
    assert loads(dumps(scenario).encode()).reward.pay_parameters["n_winners"] == 5
    assert scenario.reward.pay_parameters["n_winners"] == 5


def test_truth_values_are_parameters_too():
    assert with_values(Scenario(), {"emission.parameters.burn": False, "emission.rule": "hill_gate"})


def test_numbers_of_numpy_are_numbers():
    import numpy as np

    scenario = with_values(
        Scenario(), {"epochs": np.int64(7), "cartel.merit_share": np.float64(0.2), "value.subnet_weight": np.ones(16)}
    )
    assert (scenario.epochs, scenario.cartel.merit_share) == (7, 0.2)
    assert scenario.value.subnet_weight == (1.0,) * 16


def test_values_change_together_and_the_original_stays():
    base = Scenario()
    changed = with_values(base, {"miners.mix": {"honest": 0.4, "speed": 0.6}, "subnets.count": 2})
    assert changed.miners.mix == {"honest": 0.4, "speed": 0.6}
    assert changed.subnets.count == 2
    assert base == Scenario()


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("spede", "no field 'spede' (did you mean 'reward.capability_weight.speed'?): 'spede' is not among"),
        (
            "reward.spede",
            "no field 'reward.spede' (did you mean 'reward.capability_weight.speed'?): 'spede' is not among",
        ),
        (
            "reward.score.spede",
            "no field 'reward.score.spede' (did you mean 'reward.capability_weight.speed'?): nothing lies below",
        ),
        ("reward..score", "no field 'reward..score' (did you mean 'reward.score'?): '' is not among"),
        ("", "no field '': '' is not among"),
    ],
)
def test_a_path_that_leads_nowhere_says_where_it_ends(path, sentence):
    with pytest.raises(ValueError, match=r".") as caught:
        with_values(Scenario(), {path: 1})
    assert str(caught.value).startswith(sentence)


def test_a_capability_of_its_own_leaves_the_others_what_one_number_says():
    base = with_values(Scenario(), {"reward.measurement_noise": 0.3})
    one = with_values(base, {"reward.measurement_noise.speed": 0.1})
    assert dict(one.reward.measurement_noise) == {"speed": 0.1, "quality": 0.3, "storage": 0.3}
    assert with_values(one, {"reward.measurement_noise": 0.3}) == base
    with pytest.raises(ValueError, match="'sped' is not among speed, quality, storage"):
        with_values(base, {"reward.measurement_noise.sped": 0.1})


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"miners.parameters": "x", "miners.parameters.honest.spend_share": 1.0}, "miners.parameters must be a table"),
        ({"emission.rule": [1], "emission.burn": 1}, "must be a name, is [1]"),
    ],
)
def test_what_is_no_table_and_no_name_is_told(values, sentence):
    with pytest.raises(ValueError) as caught:
        with_values(Scenario(), values)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("0.5", 0.5), ("[1, 2]", [1, 2]), ("true", True), ("'a b'", "a b"), ("yuma2", "yuma2"), ("", "")],
)
def test_a_value_on_the_command_line_is_toml_or_text(text, value):
    assert parse_value(text) == value


def test_a_value_too_deep_for_the_reader_stays_text():
    assert parse_value("[" * 10**5) == "[" * 10**5


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00",
        b"\xff\xfe",
        b"epochs = ",
        b"epochs = 1\nepochs = 2",
        b"a = " + b"[" * 9_000,
        b"a = " + b"{b = " * 1_900,
        b"seed = 1" + b"0" * 5_000,
    ],
    ids=["binary", "utf-16", "cut", "twice", "deep list", "deep table", "digits"],
)
def test_what_is_no_toml_is_refused(data):
    assert "is not a TOML file" in refusal(data)


STORY = 'story = "Wie Käufer prüfen"\nepochs = 7\n'


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte-order mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_a_file_is_read_as_editors_on_any_system_save_it(mark, end):
    read = loads(mark + STORY.replace("\n", end).encode())
    assert (read.story, read.epochs) == ("Wie Käufer prüfen", 7)


@pytest.mark.parametrize(
    ("data", "byte"),
    [
        (("epochs = 7\n" + STORY).encode("latin-1"), "byte 15 of line 2 is 0xe4"),
        (("epochs = 7\r\n" + STORY).encode("cp1252"), "byte 15 of line 2 is 0xe4"),
        (b"\xef\xbb\xbf" + STORY.encode("latin-1"), "byte 15 of line 1 is 0xe4"),
        (STORY.encode("utf-16"), "byte 1 of line 1 is 0xff"),
    ],
    ids=["latin-1", "windows", "mixed", "utf-16"],
)
def test_a_file_that_is_not_utf_8_is_told_where(data, byte):
    assert refusal(data) == f"mine.toml is not a TOML file: it must be saved as UTF-8, {byte}"


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"epochz = 1", "no field 'epochz'"),
        (b"[reward]\nspede = 1", "no field 'reward.spede'"),
        (b"reward = 3", "reward must be a table, is 3"),
        (b"epochs = '9'", "epochs must be a whole number, is '9'"),
        (b"epochs = 1.5", "epochs must be a whole number, is 1.5"),
        (b"epochs = true", "epochs must be a whole number, is True"),
        (b"name = 5", "name must be a text, is 5"),
        (b"capabilities = 'speed'", "capabilities must be a list, is 'speed'"),
        (b"[market]\nprice_tao_per_alpha = 'dear'", "market.price_tao_per_alpha must be a number or a list of numbers"),
        (b"[market]\nprice_tao_per_alpha = nan", "market.price_tao_per_alpha must be in"),
        (b"[validators]\nstake_alpha = -1", "validators.stake_alpha must be in"),
        (b"[subnets]\ncount = 0", "subnets.count must be in"),
        (b"[miners.mix]\nhonest = 0.5", "miners.mix must sum to 1, sums to 0.5"),
        (b"seed = 0x" + b"f" * 9_000, "seed must be at most 2**63, is a whole number of 36000 bits"),
        (b"name.a.b = 1", "name must be a text, is {'a': {'b': 1}}"),
        (b"name" + b".a" * 3_000 + b" = 1", "name must be a text, is {'a': {'a': "),
        (b"name" + b".a" * 100_000 + b" = 1", "must have lines of <= 10000 bytes, has one of 200008"),
        (b"miners.parameters" + b".a" * 50 + b" = 1", "miners.parameters"),
        (b"x" * 9_000 + b" = 1", "no field 'xxx"),
        (b"story = [" + b"3,\n" * 200_000 + b"]", "story must be a text, is [3, 3, "),
    ],
    ids=range(20),
)
def test_a_field_that_does_not_fit_is_named(data, part):
    assert part in refusal(data)


def test_a_file_too_large_is_not_read(tmp_path):
    path = tmp_path / "large.toml"
    path.write_bytes(b"#" * (LARGEST_FILE_BYTES + 1))
    with pytest.raises(ValueError, match=r"large\.toml must be <= 1000000 bytes, has 1000001"):
        load(path)
    assert "must be <= 1000000 bytes" in refusal(path.read_bytes())


def test_a_file_that_is_not_there_or_no_file_is_named(tmp_path):
    (tmp_path / "folder.toml").mkdir()
    for name in ("absent.toml", "folder.toml"):
        with pytest.raises(ValueError, match=rf"scenario file .*{name} cannot be read: "):
            load(tmp_path / name)


def test_a_scenario_is_found_by_name_or_by_path(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(dumps(with_values(Scenario(), {"name": "mine"})))
    assert find(str(path)).name == "mine"
    assert find("cartel") == load(shipped()["cartel"])
    with pytest.raises(ValueError, match=r"no scenario .cartell. .did you mean .cartel.\?.; there are cartel, "):
        find("cartell")
