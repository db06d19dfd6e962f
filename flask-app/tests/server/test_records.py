import os
import threading
from pathlib import Path

from app.server.records import NUMBERS, RECORD_BYTES, Records, read_records


def content(records: Records) -> dict[tuple[str, ...], list[float]]:
    return {key: list(numbers) for key, numbers in read_records(records.read())}


def test_numbers_are_kept_by_key() -> None:
    records = Records()
    records.numbers(("GET", "/é"))[0] += 1
    records.numbers(("GET", "/é"))[NUMBERS - 1] += 0.5
    records.header[1] = 7
    assert content(records) == {
        (): [0, 7] + [0] * (NUMBERS - 2),
        ("GET", "/é"): [1] + [0] * (NUMBERS - 2) + [0.5],
    }


def test_others_read_the_file_while_it_is_written(tmp_path: Path) -> None:
    with (tmp_path / "records").open("w+b") as file:
        records = Records(file)
        for amount in (1, 2):
            records.numbers(("a",))[0] += amount
            read = dict(read_records((tmp_path / "records").read_bytes()))
            assert read["a",][0] == records.numbers(("a",))[0]
        assert os.path.getsize(tmp_path / "records") == 2 * RECORD_BYTES


def test_next_writer_continues_without_another_record(tmp_path: Path) -> None:
    for amount in (1, 3):
        with (tmp_path / "records").open("r+b" if amount > 1 else "w+b") as file:
            Records(file).numbers(("a",))[0] += 1
            Records(file).numbers(("b",))[0] += amount
    assert {key: numbers[0] for key, numbers in read_records((tmp_path / "records").read_bytes())} == {
        (): 0,
        ("a",): 2,
        ("b",): 4,
    }


def test_record_that_is_not_whole_is_not_read(tmp_path: Path) -> None:
    assert list(read_records(b"")) == []
    assert list(read_records(bytes(RECORD_BYTES - 1))) == []


def test_key_gets_one_record_however_many_ask_at_once() -> None:
    records = Records()
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait(10)
        for number in range(50):
            records.numbers((str(number),))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(list(read_records(records.read()))) == 51
