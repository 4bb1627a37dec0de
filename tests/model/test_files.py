"""Files whose names come from outside: read up to a limit, and nothing that may never end."""

import os

import pytest

from model.files import read_file


def test_a_file_is_read_up_to_its_limit(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    link = tmp_path / "link"
    link.symlink_to(path)
    assert read_file(path, "file a", 5) == read_file(link, "file a", 5) == b"12345"
    with pytest.raises(ValueError, match=r"^file a must be <= 4 bytes, has 5$"):
        read_file(path, "file a", 4)


def test_a_pipe_and_a_device_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for number, device in enumerate(("/dev/zero", "/dev/full")):
        (tmp_path / f"device{number}").symlink_to(device)
    for name in ("pipe", "device0", "device1"):
        with pytest.raises(ValueError, match=r"^file a must be a file, is a pipe or a device$"):
            read_file(tmp_path / name, "file a", 10)


@pytest.mark.parametrize(("name", "reason"), [("a" * 300, "File name too"), ("none", "No such"), (".", "Is a")])
def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path, name, reason):
    with pytest.raises(ValueError, match=rf"^file a cannot be read: {reason}"):
        read_file(tmp_path / name, "file a", 10)


def test_no_more_than_the_limit_is_read_of_a_file_of_terabytes(tmp_path):
    path = tmp_path / "sparse"
    path.touch()
    os.truncate(path, 2**40)
    with pytest.raises(ValueError, match=rf"^file a must be <= 10 bytes, has {2**40}$"):
        read_file(path, "file a", 10)
