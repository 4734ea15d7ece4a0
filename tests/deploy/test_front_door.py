"""The example installation keeps the promises that docs/security.md makes of it."""

import re
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "deploy"


def server(name: str) -> str:
    """The block of nginx.conf that serves one host over https."""
    blocks = re.split(r"\n    server \{", (DEPLOY / "nginx.conf").read_text())
    [found] = [each for each in blocks if f"server_name {name};" in each and "listen 443" in each]
    return found


def test_no_request_of_a_child_is_ever_logged() -> None:
    assert re.findall(r"access_log (.*);", server("child.example.org")) == ["off"]


def test_no_body_is_ever_written_to_the_disk_of_the_front_door() -> None:
    # nginx writes what its buffer does not hold to a file, unless it passes the body on at once.
    units = {"k": 1 << 10, "m": 1 << 20}
    blocks = re.findall(r"[^{}]*client_max_body_size[^{}]*", (DEPLOY / "nginx.conf").read_text())
    assert len(blocks) == 4
    for block in blocks:
        most, held = (
            int(found[1]) * units[found[2]] if found else units["m"]
            for what in ("client_max_body_size", "client_body_buffer_size")
            for found in [re.search(rf"{what} (\d+)([km]);", block)]
        )
        assert most <= held or "proxy_request_buffering off;" in block


def test_what_one_address_sends_to_the_childs_host_is_limited() -> None:
    whole = (DEPLOY / "nginx.conf").read_text()
    [(zone, given)] = re.findall(r"limit_req_zone (\S+) zone=(\w+):", whole)
    assert f"limit_req zone={given} " in server("child.example.org")
    # Only what is sent has a key, so reading and waiting are never refused.
    mapped = re.search(rf"map \$request_method \{zone} \{{(.*?)\}}", whole, re.DOTALL)
    assert mapped is not None
    assert mapped[1].split() == ["default", "'';", "POST", "$binary_remote_addr;"]


def test_the_example_passes_every_setting_that_a_real_installation_needs() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    runbook = (DEPLOY.parent / "docs" / "operations.md").read_text()
    given = dict(re.findall(r"^    (HELPLINE_\w+): (.*)$", text, re.MULTILINE))
    for name, needed in re.findall(r"^\| `(HELPLINE_\w+)` \| ([^|]*) \|", runbook, re.MULTILINE):
        if needed in {"yes", "with PostgreSQL", "outside a demo"}:
            assert ":?}" in given[name] or "${" not in given[name], name
    for name in ("HELPLINE_METRICS_TOKEN", "HELPLINE_OPEN_HOURS", "HELPLINE_LEAVE_TO"):
        assert name in given
