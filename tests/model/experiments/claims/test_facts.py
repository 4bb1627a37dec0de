"""Facts from outside: what is shipped has a source and a date, and a broken file is told in one sentence."""

import pytest

from model.experiments.claims import CLAIMS
from model.experiments.claims.facts import COLUMNS, Fact, read_facts
from model.yardsticks.theory.allocation import hash_rate

HEADING = ",".join(COLUMNS)


def test_facts_that_are_shipped_all_have_a_date_and_a_source_and_each_is_used():
    facts = read_facts()
    used = list(dict.fromkeys(name for claim in CLAIMS.values() for name in claim.facts))
    table = facts.table(used)
    assert (table["source"].str.len() > 10).all()
    assert not table["source"].str.contains("memory").any()
    assert table["date"].str.fullmatch(r"20\d\d.*").all()
    with pytest.raises(ValueError, match="no fact 'luck'; there are "):
        facts["luck"]
    assert set(used) == set(facts.names)


def test_the_hash_rate_is_the_one_that_the_difficulties_stand_for():
    facts = read_facts()
    assert hash_rate(facts["bitcoin_difficulty"]) == pytest.approx(994.7e18, rel=1e-4)
    assert hash_rate(facts["bitcoin_difficulty_later"]) == pytest.approx(894.3e18, rel=1e-4)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\n", "columns must be fact, value, unit, date, source, note, are a, b"),
        (f"{HEADING}\nx,1,TAO,2026,me\n", "line 2 must have 6 cells, has 5"),
        (f"{HEADING}\nx,much,TAO,2026,me,\n", "line 2: value must be a number, is 'much'"),
        (f"{HEADING}\nx,nan,TAO,2026,me,\n", "line 2: value of x must be a finite number, is nan"),
        (f"{HEADING}\nx,1,TAO,June,me,\n", "line 2: date of x must be YYYY, YYYY-MM or YYYY-MM-DD, is 'June'"),
        (f"{HEADING}\nx,1,TAO,2026-13,me,\n", "line 2: date of x must be YYYY"),
        (f"{HEADING}\nx,1,TAO,2026, ,\n", "line 2: source of x must be given, is empty"),
        (f"{HEADING}\nBig X,1,TAO,2026,me,\n", "line 2: fact must be lower-case words joined by underscores"),
        (f'{HEADING}\n"x,1\n', "unexpected end of data"),
        ("\xff", "columns must be"),
    ],
)
def test_a_broken_file_is_told_in_one_sentence(tmp_path, text, sentence):
    path = tmp_path / "mine.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=sentence) as error:
        read_facts(tmp_path)
    assert str(error.value).startswith(f"facts file {path}: ")
    assert "\n" not in str(error.value)


def test_a_fact_is_stated_once(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.csv").write_text(f"{HEADING}\nx,1,TAO,2026,me,\n")
    with pytest.raises(ValueError, match="a fact must be stated once, x is stated twice"):
        read_facts(tmp_path)


def test_a_folder_without_facts_is_none(tmp_path):
    with pytest.raises(ValueError, match=r"facts must lie as .csv files in .*, there is none"):
        read_facts(tmp_path)


def test_a_fact_without_a_note_is_one():
    assert Fact(fact="x", value=1.0, unit="TAO", date="2026-06-30", source="me").note == ""
