import os
import threading
from pathlib import Path

from app.ledger import NUMBERS, PAGE_BYTES, Ledger, pages


def content(ledger: Ledger) -> dict[tuple[str, ...], list[float]]:
    return {key: list(numbers) for key, numbers in pages(ledger.read())}


def test_numbers_are_kept_by_key() -> None:
    ledger = Ledger()
    ledger.numbers(("GET", "/é"))[0] += 1
    ledger.numbers(("GET", "/é"))[NUMBERS - 1] += 0.5
    ledger.front[1] = 7
    assert content(ledger) == {
        (): [0, 7] + [0] * (NUMBERS - 2),
        ("GET", "/é"): [1] + [0] * (NUMBERS - 2) + [0.5],
    }


def test_others_read_the_file_while_it_is_written(tmp_path: Path) -> None:
    with (tmp_path / "ledger").open("w+b") as file:
        ledger = Ledger(file)
        for amount in (1, 2):
            ledger.numbers(("a",))[0] += amount
            read = dict(pages((tmp_path / "ledger").read_bytes()))
            assert read["a",][0] == ledger.numbers(("a",))[0]
        assert os.path.getsize(tmp_path / "ledger") == 2 * PAGE_BYTES


def test_next_writer_continues_without_a_page_more(tmp_path: Path) -> None:
    for amount in (1, 3):
        with (tmp_path / "ledger").open("r+b" if amount > 1 else "w+b") as file:
            Ledger(file).numbers(("a",))[0] += 1
            Ledger(file).numbers(("b",))[0] += amount
    assert {key: numbers[0] for key, numbers in pages((tmp_path / "ledger").read_bytes())} == {
        (): 0,
        ("a",): 2,
        ("b",): 4,
    }


def test_page_that_is_not_whole_is_not_read(tmp_path: Path) -> None:
    assert list(pages(b"")) == []
    assert list(pages(bytes(PAGE_BYTES - 1))) == []


def test_key_gets_one_page_however_many_ask_at_once() -> None:
    ledger = Ledger()
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait(10)
        for number in range(50):
            ledger.numbers((str(number),))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(list(pages(ledger.read()))) == 51
