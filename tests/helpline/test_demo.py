"""The demo touches no database but its own, and is never served beyond this machine."""

import base64
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from helpline import demo, demo_store, migrating, seeding, serving, wiring
from helpline.accounts import staff, totp
from helpline.accounts.models import Role, Staff
from helpline.settings import Settings, SettingsError
from helpline.wiring import Adapters
from integrations import database
from tests import installation, servers
from tests.clock import Clock
from tests.installation import RecordingBell
from tests.stores import Stores


@pytest.fixture
def settings(stores: Stores) -> Settings:
    return installation.settings_for(stores, redis_url="redis://127.0.0.1:1")


def real(settings: Settings, clock: Clock) -> None:
    """Make it somebody's installation, with one person of their own."""
    adapters = wiring.build(settings, bell=RecordingBell(), clock=clock.now)
    add(adapters, "real@example.org")
    adapters.close()


def add(adapters: Adapters, email: str) -> None:
    now = adapters.clock()
    adapters.keystore.key_for_ever(totp.SCOPE, now=now)
    with adapters.transactions.begin() as session:
        staff.add(
            session,
            sealing=adapters.sealing,
            lookup=staff.lookup(adapters.keystore, now=now),
            email=email,
            name="Robin",
            role=Role.ADVOCATE,
            now=now,
        )


def seeded(settings: Settings, clock: Clock) -> None:
    adapters = wiring.build(settings, bell=RecordingBell(), clock=clock.now)
    seeding.seed(adapters)
    adapters.close()


def number_of_staff(url: str) -> int:
    store = database.connect(url)
    try:
        with store.read.connect() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(Staff)) or 0
    finally:
        store.dispose()


def prepare(settings: Settings, folder: Path, *, fresh: bool) -> None:
    demo.prepare(settings, RecordingBell(), folder=folder, fresh=fresh)


@pytest.mark.parametrize("fresh", [False, True])
def test_somebodys_installation_is_neither_adopted_nor_thrown_away(
    settings: Settings, clock: Clock, tmp_path: Path, *, fresh: bool
) -> None:
    real(settings, clock)
    with pytest.raises(SettingsError, match="leaves them alone"):
        prepare(settings, tmp_path, fresh=fresh)
    assert number_of_staff(settings.database_url) == 1


@pytest.mark.parametrize("fresh", [False, True])
def test_an_installation_that_nobody_uses_yet_is_not_adopted_either(
    settings: Settings, tmp_path: Path, *, fresh: bool
) -> None:
    with pytest.raises(SettingsError, match="leaves them alone"):
        prepare(settings, tmp_path, fresh=fresh)
    assert number_of_staff(settings.database_url) == 0


def test_a_demo_starts_again_and_a_fresh_start_empties_it(
    settings: Settings, clock: Clock, tmp_path: Path
) -> None:
    seeded(settings, clock)
    adapters = wiring.build(settings, bell=RecordingBell(), clock=clock.now)
    add(adapters, "later@example.org")
    adapters.close()
    prepare(settings, tmp_path, fresh=False)
    assert number_of_staff(settings.database_url) == len(seeding.people()) + 1
    prepare(settings, tmp_path, fresh=True)
    assert number_of_staff(settings.database_url) == len(seeding.people())


@pytest.mark.parametrize("fresh", [False, True])
def test_the_mark_in_one_keystore_says_nothing_of_another_installations_data(
    settings: Settings, clock: Clock, tmp_path: Path, *, fresh: bool
) -> None:
    seeded(settings, clock)
    adapters = wiring.build(settings, bell=RecordingBell(), clock=clock.now)
    with adapters.transactions.begin() as session:
        session.execute(sa.text("DELETE FROM on_call"))
        session.execute(sa.text("DELETE FROM staff"))
    add(adapters, "real@example.org")
    adapters.close()
    with pytest.raises(SettingsError, match="leaves them alone"):
        prepare(settings, tmp_path, fresh=fresh)
    assert number_of_staff(settings.database_url) == 1


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "sqlite":
        folder = f"sqlite:///{tmp_path}"
        yield Stores(database_url=f"{folder}/data.db", keystore_url=f"{folder}/keys.db")
        return
    postgres: servers.Postgres = request.getfixturevalue("postgres")
    for name in ("demo_data", "demo_keys"):
        postgres.create(name)
    yield Stores(database_url=postgres.url("demo_data"), keystore_url=postgres.url("demo_keys"))
    for name in ("demo_data", "demo_keys"):
        postgres.drop(name)


@pytest.mark.parametrize("fresh", [False, True])
def test_databases_that_are_empty_become_a_demo(
    empty: Stores, tmp_path: Path, *, fresh: bool
) -> None:
    settings = installation.settings_for(empty, redis_url="redis://127.0.0.1:1")
    prepare(settings, tmp_path, fresh=fresh)
    assert number_of_staff(empty.database_url) == len(seeding.people())
    demo_store.refuse_unless_a_demo(settings)


def test_a_folder_that_is_no_demo_keeps_its_key_and_its_files(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / name}" for name in ("data.db", "keys.db")]
    migrating.upgrade(*urls)
    (tmp_path / "kek").write_bytes(b"a key of somebody's own, kept here by hand..")
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.db")}
    given = {"HELPLINE_KEK": base64.b64encode(secrets.token_bytes(32)).decode()}
    with pytest.raises(SettingsError):
        demo.run(given, folder=tmp_path, port=servers.free_port(), fresh=True, bell=RecordingBell())
    assert before == {path.name: path.read_bytes() for path in tmp_path.glob("*.db")}
    assert (tmp_path / "kek").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104 - refused, not bound
def test_a_demo_is_not_served_beyond_this_machine(settings: Settings, host: str) -> None:
    with pytest.raises(SettingsError, match="loopback only"):
        serving.serve(settings, bell=RecordingBell(), host=host, port=servers.free_port())
