"""Settings are read once, and what would expose a child or lose a message is refused in words."""

import base64
import secrets
from collections.abc import Mapping
from pathlib import Path

import pytest

from helpline.settings import Settings, SettingsError

KEK = secrets.token_bytes(32)
EMBEDDED: Mapping[str, str] = {
    "HELPLINE_DATABASE_URL": "sqlite:///data.db",
    "HELPLINE_KEYSTORE_URL": "sqlite:///keys.db",
    "HELPLINE_CHILD_ORIGIN": "https://home.example",
    "HELPLINE_STAFF_ORIGIN": "https://console.example",
    "HELPLINE_KEK": base64.b64encode(KEK).decode(),
}
GROWN: Mapping[str, str] = {
    **EMBEDDED,
    "HELPLINE_DATABASE_URL": "postgresql://helpline:pw-of-data@db.example/data",
    "HELPLINE_KEYSTORE_URL": "postgresql://helpline:pw-of-keys@db.example/keys",
    "HELPLINE_REDIS_URL": "redis://:pw-of-redis@redis.example/0",
}
DEMO: Mapping[str, str] = {
    **EMBEDDED,
    "HELPLINE_DEMO": "1",
    "HELPLINE_CHILD_ORIGIN": "http://127.0.0.1:8000",
    "HELPLINE_STAFF_ORIGIN": "http://127.0.0.1:8001",
}


def test_an_embedded_a_grown_and_a_demo_installation_are_accepted() -> None:
    embedded, grown, demo = (Settings.from_environ(each) for each in (EMBEDDED, GROWN, DEMO))
    assert (embedded.is_embedded, grown.is_embedded, demo.is_embedded) == (True, False, True)
    assert embedded.kek == KEK
    assert (embedded.demo, embedded.clock_speed, embedded.faces_differ_by_port) == (False, 1, False)
    assert (demo.demo, demo.clock_speed, demo.faces_differ_by_port) == (True, 10, True)


def test_only_the_demo_runs_its_clocks_faster() -> None:
    assert Settings.from_environ({**EMBEDDED, "HELPLINE_DEMO": "0"}).clock_speed == 1


@pytest.mark.parametrize("name", [*EMBEDDED])
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_missing_is_named(name: str, value: str | None) -> None:
    given = {each: text for each, text in EMBEDDED.items() if each != name}
    if value is not None:
        given[name] = value
    with pytest.raises(SettingsError, match=name):
        Settings.from_environ(given)


@pytest.mark.parametrize(
    ("base", "changed", "words"),
    [
        (EMBEDDED, {"HELPLINE_KEYSTORE_URL": "sqlite:///data.db"}, "of its own"),
        (EMBEDDED, {"HELPLINE_KEYSTORE_URL": "sqlite:///./data.db"}, "of its own"),
        (
            GROWN,
            {"HELPLINE_KEYSTORE_URL": "postgresql+psycopg://other@db.example:5432/data"},
            "of its own",
        ),
        (GROWN, {"HELPLINE_KEYSTORE_URL": "sqlite:///keys.db"}, "same kind"),
        (GROWN, {"HELPLINE_REDIS_URL": ""}, "HELPLINE_REDIS_URL"),
        (EMBEDDED, {"HELPLINE_STAFF_ORIGIN": "https://home.example:8443"}, "two host names"),
        (EMBEDDED, {"HELPLINE_STAFF_ORIGIN": "https://HOME.example"}, "two host names"),
        (EMBEDDED, {"HELPLINE_FAILPOINTS": "intake.before_commit:1@/tmp/hits"}, "demo only"),
        (DEMO, {"HELPLINE_CHILD_ORIGIN": "https://home.example"}, "loopback only"),
        (DEMO, {"HELPLINE_STAFF_ORIGIN": "https://192.0.2.1"}, "loopback only"),
    ],
)
def test_what_is_unsafe_together_is_refused(
    base: Mapping[str, str], changed: Mapping[str, str], words: str
) -> None:
    Settings.from_environ(base)
    with pytest.raises(SettingsError, match=words):
        Settings.from_environ({**base, **changed})


@pytest.mark.parametrize("name", ["HELPLINE_CHILD_ORIGIN", "HELPLINE_STAFF_ORIGIN"])
@pytest.mark.parametrize(
    "origin",
    [
        "home.example",
        "ftp://home.example",
        "https://",
        "https://home.example/path",
        "https://home.example?x=1",
        "https://home.example#x",
        "https://someone@home.example",
        "https://home.example:99999",
        "https://home.example:port",
        "https://[home",
    ],
)
def test_what_is_no_origin_is_refused_by_name(name: str, origin: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environ({**EMBEDDED, name: origin})


@pytest.mark.parametrize(
    ("origin", "is_accepted"),
    [
        ("http://home.example", False),
        ("http://192.0.2.1:8000", False),
        ("http://localhost.example", False),
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("https://home.example/", True),
        ("https://Home.Example:8443", True),
    ],
)
def test_words_travel_in_the_open_on_this_machine_only(origin: str, *, is_accepted: bool) -> None:
    given = {**EMBEDDED, "HELPLINE_CHILD_ORIGIN": origin}
    if is_accepted:
        assert Settings.from_environ(given).child_origin == origin.rstrip("/")
    else:
        with pytest.raises(SettingsError, match="in the open"):
            Settings.from_environ(given)


@pytest.mark.parametrize(
    "kek",
    ["short", base64.b64encode(b"x" * 31).decode(), base64.b64encode(b"x" * 33).decode(), "é" * 44],
)
def test_a_bad_key_is_refused_and_not_repeated(kek: str) -> None:
    with pytest.raises(SettingsError, match="HELPLINE_KEK must be 32 random bytes") as refused:
        Settings.from_environ({**EMBEDDED, "HELPLINE_KEK": kek})
    assert kek not in str(refused.value)


def test_the_key_may_stand_in_a_file_but_not_in_two_places(tmp_path: Path) -> None:
    path = tmp_path / "kek"
    path.write_text(EMBEDDED["HELPLINE_KEK"] + "\n")
    given = {**EMBEDDED, "HELPLINE_KEK": "", "HELPLINE_KEK_FILE": str(path)}
    assert Settings.from_environ(given).kek == KEK
    with pytest.raises(SettingsError, match="not both"):
        Settings.from_environ({**EMBEDDED, "HELPLINE_KEK_FILE": str(path)})
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot be read"):
        Settings.from_environ(given)
    path.unlink()
    with pytest.raises(SettingsError, match="cannot be read"):
        Settings.from_environ(given)


def test_no_secret_shows_in_what_is_printed() -> None:
    secret = {
        "HELPLINE_MAIL_URL": "smtp://rota:pw-of-mail@mail.example",
        "HELPLINE_OUTSIDE_CONTACT": "outside-person@example.org",
        "HELPLINE_HEARTBEAT_URL": "https://outside.example/heartbeat-secret",
        "HELPLINE_SENTRY_DSN": "https://pw-of-sentry@sentry.example/1",
        "HELPLINE_METRICS_TOKEN": "pw-of-metrics",
    }
    shown = repr(Settings.from_environ({**GROWN, **secret}))
    assert "pw-of" not in shown
    assert "outside-person" not in shown
    assert "heartbeat-secret" not in shown
    assert EMBEDDED["HELPLINE_KEK"] not in shown
    assert repr(KEK) not in shown
    assert "https://home.example" in shown


def test_settings_cannot_be_changed_afterwards() -> None:
    settings = Settings.from_environ(EMBEDDED)
    with pytest.raises(AttributeError):
        settings.demo = True  # type: ignore[misc]  # that is what is tried
