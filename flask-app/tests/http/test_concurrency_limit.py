import threading
import time

from app.http.concurrency_limit import ConcurrencyLimiter


def test_full_queue_is_refused_at_once() -> None:
    limiter = ConcurrencyLimiter(slots=2, waiting=0)
    assert [limiter.acquire() for _ in range(3)] == [True, True, False]
    limiter.release()
    assert limiter.acquire()


def test_those_who_wait_enter_in_their_order() -> None:
    limiter = ConcurrencyLimiter(slots=1, waiting=5)
    entered: list[int] = []

    def pass_through(number: int) -> None:
        assert limiter.acquire()
        entered.append(number)
        limiter.release()

    assert limiter.acquire()
    threads = [threading.Thread(target=pass_through, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
        time.sleep(0.02)
    assert entered == []
    assert not limiter.acquire()
    limiter.release()
    for thread in threads:
        thread.join(5)
    assert entered == [0, 1, 2, 3, 4]


def test_no_more_than_its_slots_are_inside() -> None:
    limiter = ConcurrencyLimiter(slots=3, waiting=100)
    inside: list[int] = []
    most = 0

    def work() -> None:
        nonlocal most
        for _ in range(50):
            assert limiter.acquire()
            inside.append(1)
            most = max(most, len(inside))
            time.sleep(0)
            inside.pop()
            limiter.release()

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert 1 <= most <= 3
    assert all(limiter.acquire() for _ in range(3))
