"""Failpoints kill at the visit that was asked for, and are nothing at all otherwise."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from chat.models import Conversation
from helpline import failpoints
from helpline.failpoints import UnknownFailpointError
from helpline.public import conversations
from integrations.keystore import WrappedKey
from tests import servers
from tests import stores as stores_of_tests
from tests.helpline import house as houses
from tests.helpline.house import House

ROOT = Path(__file__).parents[2]
VISITS = """
import sys
from helpline import failpoints
failpoints.arm(sys.argv[1])
for number in range(1, 10):
    print(number, flush=True)
    failpoints.reach("job.running")
    failpoints.reach("intake.after_commit")
"""


@pytest.fixture(autouse=True)
def _disarmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failpoints, "_armed", None)


@pytest.fixture(params=stores_of_tests.ENGINES)
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with houses.opened(request, request.param) as house:
        yield house


def visit(text: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [*servers.die_with_us(), sys.executable, "-c", VISITS, text],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    return done.returncode, done.stdout.split()


def test_the_process_is_killed_at_the_visit_that_was_asked_for(tmp_path: Path) -> None:
    hits = tmp_path / "hits"
    code, visited = visit(f"job.running:3,intake.after_commit:7@{hits}")
    assert code == -signal.SIGKILL
    assert visited == ["1", "2", "3"]
    assert hits.read_text() == "job.running\n"


def test_without_a_number_it_is_the_first_visit(tmp_path: Path) -> None:
    code, visited = visit(f"intake.after_commit@{tmp_path / 'hits'}")
    assert (code, visited) == (-signal.SIGKILL, ["1"])


def test_a_point_that_is_not_reached_often_enough_kills_nobody(tmp_path: Path) -> None:
    code, visited = visit(f"job.running:10@{tmp_path / 'hits'}")
    assert (code, len(visited)) == (0, 9)
    assert not (tmp_path / "hits").exists()


def test_a_point_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownFailpointError):
        failpoints.arm("intake.befor_commit:1@/nowhere")


def test_nothing_is_armed_by_itself() -> None:
    for name in failpoints.POINTS:
        failpoints.reach(name)
    assert failpoints._armed is None


def test_every_point_that_can_be_armed_is_reached_somewhere_and_no_other() -> None:
    reached = {
        name
        for path in (ROOT / "helpline").rglob("*.py")
        for name in re.findall(r'failpoints\.reach\("([^"]+)"\)', path.read_text("utf-8"))
    }
    assert reached == failpoints.POINTS


def test_a_conversations_key_is_on_disk_before_the_conversation_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapters = house.adapters
    seen: list[tuple[bool, int]] = []

    def look(name: str) -> None:
        assert name == "start.between_keystore_and_data"
        with sa.orm.Session(adapters.keystore_store.read) as session:
            keys = session.scalars(
                sa.select(WrappedKey.scope).where(WrappedKey.scope.startswith("conversation:"))
            ).all()
        with adapters.transactions.reading() as session:
            rows = session.scalar(sa.select(sa.func.count()).select_from(Conversation)) or 0
        seen.append((len(keys) == 1, rows))

    monkeypatch.setattr(failpoints, "reach", look)
    begun = conversations.start(adapters)
    assert isinstance(begun.conversation, UUID)
    assert seen == [(True, 0)]
