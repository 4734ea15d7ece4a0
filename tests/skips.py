"""Says in one closing line which tests were left out for want of a Debian package.

With `--no-skips`, which `make test` gives when CI is true, anything left out fails the run.
"""

from collections import Counter, defaultdict

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="Fail the run if a test is skipped.")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = _skipped(reporter)
    if skipped and session.config.getoption("--no-skips") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = _skipped(terminalreporter)
    if not skipped:
        return
    why: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        why[reason.removeprefix("Skipped: ")][report.nodeid.partition("::")[0]] += 1
    listed = "; ".join(
        f"{reason}: " + ", ".join(f"{file} ({count})" for file, count in sorted(files.items()))
        for reason, files in sorted(why.items())
    )
    verdict = " (a failure here)" if terminalreporter.config.getoption("--no-skips") else ""
    terminalreporter.write_line(f"Left out{verdict}: {listed}", yellow=True)


def _skipped(reporter: object) -> list[pytest.TestReport]:
    if not isinstance(reporter, pytest.TerminalReporter):
        return []  # a worker of xdist has none: its controller speaks
    return [
        report for report in reporter.stats.get("skipped", []) if not hasattr(report, "wasxfail")
    ]
