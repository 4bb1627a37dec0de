"""Every reference of code, data and pages leads to a section of a document in the tree."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = {
    "CLOSED_FORMS": ROOT / "model" / "yardsticks" / "CLOSED_FORMS.md",
    "CHAIN": ROOT / "model" / "chain" / "CHAIN.md",
}
KINDS = (".py", ".pyx", ".pxd", ".h", ".md", ".toml", ".csv")
NUMBER = r"A?\d+(?:\.\d+)*"
REFERENCE = re.compile(
    rf"\b({'|'.join(DOCUMENTS)})\s+({NUMBER}(?:(?:,\s+(?:and\s+)?|\s+(?:and|to)\s+){NUMBER}(?![\w-]))*)"
)
# Documents that the project was begun with and that are not in the tree.
ELSEWHERE = (
    "THEORY",
    "THEORY_2",
    "PROTOCOL",
    "PROTOCOL_2",
    "EMISSION_RULES",
    "DESIGN",
    "NETWORKS",
    "RELATIONS",
    "STYLE",
)
OUTSIDE = re.compile(rf"\b({'|'.join(ELSEWHERE)})\s+(?:sections?\s+|appendix\s+)?[A-Z]?\d")
NAMED = re.compile(r"(?<![\w/])((?:[\w.-]+/)*[A-Z][A-Z_0-9]+\.md)\b")


def sections(document):
    """Numbers of the headings of a document."""
    return set(re.findall(rf"^#+ ({NUMBER})\b", document.read_text("utf-8"), re.MULTILINE))


def texts():
    """Files of the tree that may refer to something, with comment signs off, so that a reference may span lines."""
    for folder in ("agents", "ext", "model", "data", "tests"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in KINDS and "runs" not in path.relative_to(ROOT).parts and path != Path(__file__):
                yield path, re.sub(r"\n\s*#? *", "\n", path.read_text("utf-8"))
    yield ROOT / "README.md", (ROOT / "README.md").read_text("utf-8")


def references(text):
    """Document and section of each reference."""
    return [
        (document, number) for document, numbers in REFERENCE.findall(text) for number in re.findall(NUMBER, numbers)
    ]


def test_a_document_that_is_not_in_the_tree_is_found():
    assert OUTSIDE.findall("Source: THEORY 1.1; PROTOCOL section 3, DESIGN\n2; subtensor 14bc6f9") == [
        "THEORY",
        "PROTOCOL",
        "DESIGN",
    ]


def test_references_are_read_as_they_are_written():
    assert references("Source: CHAIN 3.9, 3.10 and 3.12.") == [("CHAIN", one) for one in ("3.9", "3.10", "3.12")]
    assert references("CLOSED_FORMS 2.1 and\n5; CHAIN A1.") == [
        ("CLOSED_FORMS", "2.1"),
        ("CLOSED_FORMS", "5"),
        ("CHAIN", "A1"),
    ]


def test_every_reference_leads_to_a_section():
    there = {name: sections(path) for name, path in DOCUMENTS.items()}
    found = [(path, document, number) for path, text in texts() for document, number in references(text)]
    assert len(found) > 100
    assert [one for one in found if one[2] not in there[one[1]]] == []


def test_no_reference_leads_out_of_the_tree():
    dangling = [(path, name) for path, text in texts() for name in OUTSIDE.findall(text)]
    dangling += [
        (path, name)
        for path, text in texts()
        if ROOT / "tests" not in path.parents  # they write files of their own
        for name in NAMED.findall(text)
        if not is_there(path, name)
    ]
    assert dangling == []


def is_there(path, name):
    """Whether a file of that name lies beside what names it, or in the tree."""
    return (path.parent / name).exists() or (ROOT / name).exists() or any(ROOT.glob(f"*/**/{name}"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_section_has_two_meanings(name):
    headings = re.findall(rf"^#+ ({NUMBER})\b", DOCUMENTS[name].read_text("utf-8"), re.MULTILINE)
    assert len(headings) == len(set(headings))


def test_every_closed_form_has_conditions_reasons_and_a_source():
    parts = re.split(r"^## ", DOCUMENTS["CLOSED_FORMS"].read_text("utf-8"), flags=re.MULTILINE)[1:]
    for part in parts:
        for word in ("Holds ", "Why: "):
            assert word in part, part
        assert re.search(r"^(Literature|Source|Derived here)", part, re.MULTILINE), part


def test_every_part_of_the_chain_has_a_source():
    parts = re.split(r"^# ", DOCUMENTS["CHAIN"].read_text("utf-8"), flags=re.MULTILINE)[2:]
    assert [part.splitlines()[0] for part in parts if "Source" not in part] == []
