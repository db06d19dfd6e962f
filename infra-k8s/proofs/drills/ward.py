"""A ward: equal patients side by side. Who comes next takes the first bed that is free."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

from proofs.drills.patient import Patient


class Ward:
    """As many patients as namespaces, admitted all at once."""

    def __init__(self, admit: Callable[[str], Patient], namespaces: Sequence[str]) -> None:
        self.pool = ThreadPoolExecutor(len(namespaces))
        self.free: SimpleQueue[Future[Patient]] = SimpleQueue()
        for namespace in namespaces:
            self.free.put(self.pool.submit(admit, namespace))

    def next(self, treatment: Callable[[Patient], None]) -> Future[None]:
        """Treat a patient once one is free; the future ends, or fails, as the treatment does."""
        return self.pool.submit(self.treated, treatment)

    def treated(self, treatment: Callable[[Patient], None]) -> None:
        """Take a free patient and give it back."""
        bed = self.free.get()
        try:
            treatment(bed.result())
        finally:
            self.free.put(bed)

    def close(self) -> None:
        """Begin nothing more and wait for what is under way."""
        self.pool.shutdown(cancel_futures=True)
