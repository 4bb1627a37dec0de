"""What commands print: tables whose numbers are whole wherever they go."""

import pytest

from model.commands.terminal import print_table


@pytest.mark.parametrize("columns", ["20", "80", "200"])
def test_a_table_of_numbers_is_whole_however_narrow_the_place_is(columns, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", columns)
    row = ["a name that is long enough", *(f"{-4.349e-8 * n!r}" for n in range(1, 9))]
    print_table(["name", *map(str, range(1, 9))], [row], title="nine columns")
    assert capsys.readouterr().out.splitlines()[-1].split()[-8:] == row[1:]


def test_brackets_in_cells_are_text_and_no_style(capsys):
    print_table(["[bold]", "n"], [["[1, 2]", "[red]"]], title="[i]")
    assert capsys.readouterr().out.split() == ["[i]", "[bold]", "n", "[1,", "2]", "[red]"]
