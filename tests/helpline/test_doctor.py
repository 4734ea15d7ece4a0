"""What is missing, unsafe or stale in an installation, in words, and never a secret."""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from helpline import doctor, wiring
from helpline.accounts import edge, own_phone
from helpline.accounts.models import Role, Staff
from helpline.doctor import configured
from helpline.doctor import stores as doctored
from helpline.doctor.finding import Finding, Level
from helpline.public import conversations
from helpline.queue import lease
from helpline.settings import Settings
from helpline.wiring import Adapters
from integrations import database
from tests import servers
from tests.clock import Clock
from tests.installation import RecordingBell
from tests.stores import Stores
from triage.escalation import OnCallPerson
from triage.service import on_call

KEK = base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def environ(stores: Stores, tmp_path: Path, engine_name: str) -> dict[str, str]:
    """A grown-up installation's settings; only its people are missing."""
    given = {
        "HELPLINE_DATABASE_URL": stores.database_url,
        "HELPLINE_KEYSTORE_URL": stores.keystore_url,
        "HELPLINE_CHILD_ORIGIN": "https://child.example.org",
        "HELPLINE_STAFF_ORIGIN": "https://staff.example.org",
        "HELPLINE_KEK": KEK,
        "HELPLINE_MAIL_URL": "smtps://canaryuser:canarypassword@mail.example.org",
        "HELPLINE_OUTSIDE_CONTACT": "duty@outside.example",
        "HELPLINE_HEARTBEAT_URL": "https://outside.example/ping",
        "HELPLINE_AUDIT_HEAD_TO": str(tmp_path / "heads"),
        "HELPLINE_METRICS_TOKEN": "canarytoken",
    }
    if engine_name == "postgresql":
        given["HELPLINE_REDIS_URL"] = f"redis://127.0.0.1:{servers.free_port()}/0"
    return given


@contextmanager
def running(environ: dict[str, str], clock: Clock) -> Iterator[Adapters]:
    """What the running service would write to."""
    adapters = wiring.build(Settings.from_environ(environ), bell=RecordingBell(), clock=clock.now)
    try:
        yield adapters
    finally:
        adapters.close()


def inspect(environ: dict[str, str], clock: Clock) -> dict[str, Finding]:
    found = doctor.inspect(environ, clock=clock.now)
    assert all(each.says.endswith(".") and each.mend for each in found)
    return {each.name: each for each in found}


def levels(environ: dict[str, str], clock: Clock) -> dict[str, Level]:
    return {name: each.level for name, each in inspect(environ, clock).items()}


def people(adapters: Adapters, clock: Clock) -> None:
    """An advocate and a supervisor, both signed up and on call, and processes that beat."""
    roles = (Role.ADVOCATE, Role.SUPERVISOR)
    for role in roles:
        edge.add(adapters, email=f"{role}@helpline.example", role=role)
    with adapters.transactions.begin() as session:
        staff = session.scalars(sa.select(Staff)).all()
        for each in staff:
            each.password_hash, each.totp_secret = "hash", b"secret"
        on_call.put(
            session,
            people=[
                OnCallPerson(each.id, 0, is_supervisor=each.role == Role.SUPERVISOR)
                for each in staff
            ],
        )
        for name in ("worker", "schedule"):
            lease.lead(session, name=name, holder="a", now=clock.now(), for_=timedelta(seconds=9))


def test_nothing_at_all_is_told_setting_by_setting(clock: Clock) -> None:
    lines, status = doctor.report({}, clock=clock.now)
    assert status == 1
    text = "\n".join(lines)
    for each in configured.KNOWN:
        assert f"{each.name} " in text
    for name in ("DATABASE_URL", "KEYSTORE_URL", "CHILD_ORIGIN", "STAFF_ORIGIN", "KEK"):
        assert levels({}, clock)[f"HELPLINE_{name}"] is Level.MISSING


def test_an_installation_with_its_people_has_nothing_to_mend(
    environ: dict[str, str], clock: Clock, engine_name: str
) -> None:
    with running(environ, clock) as adapters:
        people(adapters, clock)
    found = inspect(environ, clock)
    # The deeds above wait for the sealer, which does not run here; no Redis either.
    wrong = {name for name, each in found.items() if each.level is not Level.NOTE}
    assert wrong == ({"HELPLINE_REDIS_URL"} if engine_name == "postgresql" else set())
    assert found["grades"].level is Level.NOTE
    lines, status = doctor.report(environ, clock=clock.now)
    assert status == (1 if wrong else 0), lines


def test_an_empty_installation_has_nobody_to_answer(environ: dict[str, str], clock: Clock) -> None:
    with running(environ, clock):
        pass
    found = levels(environ, clock)
    assert found["staff.supervisor"] is Level.MISSING
    assert found["on_call"] is Level.MISSING
    assert found["worker"] is Level.NOTE


def test_people_who_cannot_answer_are_counted(environ: dict[str, str], clock: Clock) -> None:
    with running(environ, clock) as adapters:
        people(adapters, clock)
        with adapters.transactions.begin() as session:
            supervisor = session.scalars(sa.select(Staff).where(Staff.role == "supervisor")).one()
            advocate = session.scalars(sa.select(Staff).where(Staff.role == "advocate")).one()
            supervisor.disabled_at = clock.now()
            advocate.totp_secret = None
    found = inspect(environ, clock)
    assert found["on_call.disabled"].level is Level.UNSAFE
    assert "1 of 2" in found["on_call.disabled"].says
    assert found["staff.supervisor"].level is Level.MISSING
    assert found["staff.second_factor"].level is Level.UNSAFE
    assert "@" not in " ".join(each.says for each in found.values())


def test_an_on_call_list_without_a_supervisor_has_no_top(
    environ: dict[str, str], clock: Clock
) -> None:
    with running(environ, clock) as adapters, adapters.transactions.begin() as session:
        on_call.put(session, people=[OnCallPerson(uuid4(), 0, is_supervisor=False)])
    found = levels(environ, clock)
    assert found["on_call.supervisor"] is Level.MISSING
    assert found["on_call.disabled"] is Level.UNSAFE


def test_people_on_call_without_a_phone_or_a_pin_are_counted_where_there_are_calls(
    environ: dict[str, str], clock: Clock
) -> None:
    with running(environ, clock) as adapters:
        edge.add(adapters, email="one@example.org", role=Role.SUPERVISOR)
        edge.add(adapters, email="two@example.org", role=Role.ADVOCATE)
        with adapters.transactions.begin() as session:
            people = session.scalars(sa.select(Staff).order_by(Staff.made_at, Staff.id)).all()
            on_call.put(
                session,
                people=[
                    OnCallPerson(each.id, place, is_supervisor=each.role == Role.SUPERVISOR)
                    for place, each in enumerate(people)
                ],
            )
        own_phone.keep_number(
            replace(adapters, settings=replace(adapters.settings, demo=True)),
            staff=people[0].id,
            text="07700 900101",
        )
    assert "on_call.phone" not in inspect(environ, clock)
    company = {
        "HELPLINE_TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
        "HELPLINE_TWILIO_AUTH_TOKEN": "canarytoken",
        "HELPLINE_TWILIO_NUMBER": "+447700900000",
    }
    found = inspect({**environ, **company}, clock)
    # One has no phone; the other has one, and no PIN to take an alarm with.
    for name in ("on_call.phone", "on_call.pin"):
        assert found[name].level is Level.MISSING
        assert "1 of 2" in found[name].says


def test_what_stopped_beating_and_what_nobody_sealed_is_told(
    environ: dict[str, str], clock: Clock
) -> None:
    with running(environ, clock) as adapters:
        people(adapters, clock)
        conversations.start(adapters)
    clock.advance(timedelta(minutes=5))
    found = levels(environ, clock)
    assert found["worker"] is Level.STALE
    assert found["schedule"] is Level.STALE
    assert found["audit"] is Level.UNSAFE


def test_a_changed_audit_row_is_found(environ: dict[str, str], clock: Clock) -> None:
    with running(environ, clock) as adapters:
        people(adapters, clock)
        with adapters.transactions.begin() as session:
            session.execute(sa.text("UPDATE audit_entry SET action = 'nothing.happened'"))
    found = inspect(environ, clock)
    assert found["audit"].level is Level.UNSAFE
    assert "changed" in found["audit"].says


def test_another_key_is_found_and_makes_nothing(environ: dict[str, str], clock: Clock) -> None:
    with running(environ, clock):
        pass
    other = environ | {"HELPLINE_KEK": base64.b64encode(b"o" * 32).decode()}
    assert levels(other, clock)["HELPLINE_KEK"] is Level.UNSAFE
    assert "HELPLINE_KEK" not in levels(environ, clock)


def test_looking_makes_no_key(environ: dict[str, str], clock: Clock) -> None:
    assert levels(environ, clock)["keystore"] is Level.NOTE
    store = database.connect(environ["HELPLINE_KEYSTORE_URL"])
    with store.read.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM wrapped_key")).scalar_one() == 0
    store.dispose()


def test_a_schema_behind_and_a_schema_ahead_are_told_apart(
    environ: dict[str, str], clock: Clock
) -> None:
    store = database.connect(environ["HELPLINE_DATABASE_URL"])
    for revision, level in (("9999", Level.UNSAFE), (None, Level.MISSING)):
        with store.write.connect() as connection:
            connection.execute(sa.text("DELETE FROM alembic_version"))
            if revision:
                connection.execute(
                    sa.text("INSERT INTO alembic_version VALUES (:revision)"),
                    {"revision": revision},
                )
            connection.commit()
        assert levels(environ, clock)["HELPLINE_DATABASE_URL"] is level
    store.dispose()


def test_a_database_that_is_not_there_is_told_and_not_made(
    environ: dict[str, str], clock: Clock, tmp_path: Path, engine_name: str
) -> None:
    gone = {
        "sqlite": f"sqlite:///{tmp_path / 'none.db'}",
        "postgresql": f"postgresql://nobody:canary@127.0.0.1:{servers.free_port()}/none",
    }[engine_name]
    given = environ | {"HELPLINE_DATABASE_URL": gone}
    assert levels(given, clock)["HELPLINE_DATABASE_URL"] is Level.MISSING
    assert not (tmp_path / "none.db").exists()


def test_one_database_under_two_names_is_unsafe(
    environ: dict[str, str], tmp_path: Path, engine_name: str
) -> None:
    url = environ["HELPLINE_DATABASE_URL"]
    if engine_name == "sqlite":
        link = tmp_path / "link.db"
        link.symlink_to(database.sqlite_path(url))
        other = f"sqlite:///{link}"
    else:
        other = url.replace("127.0.0.1", "localhost")
    stores = doctored.Opened(database.connect(url), database.connect(other))
    # The settings know these two names for one; the doctor asks the databases, which know any.
    given = replace(Settings.from_environ(environ), keystore_url=other)
    found = doctored._apart(given, stores)
    stores.data.dispose()
    stores.keys.dispose()
    assert [each.level for each in found] == [Level.UNSAFE]


def test_no_secret_is_ever_printed(environ: dict[str, str], clock: Clock) -> None:
    for given in (environ, environ | {"HELPLINE_KEYSTORE_URL": environ["HELPLINE_DATABASE_URL"]}):
        text = "\n".join(doctor.report(given, clock=clock.now)[0])
        assert "canary" not in text
        assert KEK not in text
        assert environ["HELPLINE_DATABASE_URL"] not in text


class TestSettings:
    """Settings alone: one engine is enough."""

    @pytest.fixture
    def engine_name(self) -> str:
        return "sqlite"

    def test_settings_that_would_not_start_are_unsafe_in_their_own_words(
        self, environ: dict[str, str], clock: Clock
    ) -> None:
        for changed in (
            {"HELPLINE_KEYSTORE_URL": environ["HELPLINE_DATABASE_URL"]},
            {"HELPLINE_CHILD_ORIGIN": "http://child.example.org"},
            {"HELPLINE_KEK": "short"},
            {"HELPLINE_DATABASE_URL": "mysql://x/y"},
            {"HELPLINE_FAILPOINTS": "job.running:1@/tmp/hits"},
        ):
            assert levels(environ | changed, clock)["settings"] is Level.UNSAFE, changed

    def test_settings_of_another_form_are_unsafe(
        self, environ: dict[str, str], clock: Clock
    ) -> None:
        for name, value in (
            ("HELPLINE_OPEN_HOURS", "whenever"),
            ("HELPLINE_MAIL_URL", "mail.example.org"),
            ("HELPLINE_MAIL_URL", "smtp://mail.example.org:port"),
        ):
            assert levels(environ | {name: value}, clock)[name] is Level.UNSAFE, value

    def test_what_is_needed_beyond_the_machine_is_missing(
        self, environ: dict[str, str], clock: Clock
    ) -> None:
        for name in ("MAIL_URL", "OUTSIDE_CONTACT", "HEARTBEAT_URL", "AUDIT_HEAD_TO"):
            given = {k: v for k, v in environ.items() if k != f"HELPLINE_{name}"}
            assert levels(given, clock)[f"HELPLINE_{name}"] is Level.MISSING

    def test_a_demo_needs_nothing_beyond_and_says_that_it_is_one(
        self, environ: dict[str, str], clock: Clock
    ) -> None:
        given = {
            k: v for k, v in environ.items() if not k.endswith(("MAIL_URL", "CONTACT", "HEAD_TO"))
        } | {
            "HELPLINE_DEMO": "1",
            "HELPLINE_CHILD_ORIGIN": "http://127.0.0.1:8000",
            "HELPLINE_STAFF_ORIGIN": "http://127.0.0.1:8001",
        }
        found = levels(given, clock)
        assert found["HELPLINE_DEMO"] is Level.NOTE
        assert "HELPLINE_MAIL_URL" not in found

    def test_a_key_file_that_others_may_read_is_unsafe(
        self, environ: dict[str, str], clock: Clock, tmp_path: Path
    ) -> None:
        file = tmp_path / "kek"
        file.write_text(KEK)
        given = {k: v for k, v in environ.items() if k != "HELPLINE_KEK"}
        given["HELPLINE_KEK_FILE"] = str(file)
        for mode, unsafe in ((0o644, True), (0o640, True), (0o600, False), (0o400, False)):
            file.chmod(mode)
            assert ("HELPLINE_KEK_FILE" in levels(given, clock)) is unsafe, oct(mode)

    def test_a_misspelt_setting_is_noted(self, environ: dict[str, str], clock: Clock) -> None:
        given = environ | {"HELPLINE_OPENHOURS": "canary"}
        assert levels(given, clock)["HELPLINE_OPENHOURS"] is Level.NOTE

    def test_published_heads_that_stopped_are_stale(
        self, environ: dict[str, str], clock: Clock
    ) -> None:
        heads = Path(environ["HELPLINE_AUDIT_HEAD_TO"])
        with running(environ, clock) as adapters:
            people(adapters, clock)
        line = '{"position":1,"chain":"00","at":"2026-11-02T10:00:00Z"}\n'
        for text, hours, name in (
            ("{", 0, "HELPLINE_AUDIT_HEAD_TO"),
            ("", 1, "HELPLINE_AUDIT_HEAD_TO"),
            (line, 0, "audit"),
        ):
            heads.write_text(text)
            at = clock.now().timestamp() - hours * 3600
            os.utime(heads, (at, at))
            assert name in levels(environ, clock), text


def test_a_disk_that_fills_up_is_told_before_it_is_full() -> None:
    assert doctored.disk(0.15) == []
    assert [each.level for each in doctored.disk(0.14)] == [Level.NOTE]
    assert [each.level for each in doctored.disk(0.04)] == [Level.UNSAFE]
