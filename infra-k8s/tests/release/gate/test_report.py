import io

from rich.console import Console

from release.gate.judgement import Row, Verdict
from release.gate.report import reasons, show

GOOD = Row("p99", "0.020 s", "0.021 s", "0.250 s", Verdict.PASSED)
WORSE = Row("5xx", "50.00%", "0.00%", "0.25%", Verdict.WORSE)
UNKNOWN = Row("measurements", "Prometheus does not answer", "", "", Verdict.NO_DATA)


def test_table_has_a_row_for_each_measure() -> None:
    out = io.StringIO()
    show("make gate", [GOOD, WORSE], Console(file=out, width=120))
    assert all(cell in out.getvalue() for cell in ("p99", "0.021 s", "passed", "5xx", "50.00%", "0.25%", "worse"))


def test_reasons_name_what_was_wrong_and_nothing_else() -> None:
    assert reasons([GOOD, WORSE]) == "5xx 50.00% (worse, limit 0.25%)"
    assert reasons([UNKNOWN]) == "measurements Prometheus does not answer (no data, limit -)"
    assert reasons([GOOD]) == ""
