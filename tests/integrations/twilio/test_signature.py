"""Only what Twilio signed for our address passes. Signed here by the documented rule, by hand."""

import base64
import contextlib
import hashlib
import hmac
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.twilio import webhooks
from integrations.twilio.signature import OriginError, Signatures
from tests.integrations.twilio import payloads

Form = list[tuple[str, str]]

ORIGIN = "https://staff.example.org"
PATH = "/twilio/sms?place=1%20a&b="
TOKEN = "the invented token of now"
BEFORE = "the invented token of before"

names = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)
forms = st.lists(st.tuples(names, st.text(st.characters(codec="utf-8"), max_size=8)))


def signed(
    form: Sequence[tuple[str, str]], *, address: str = ORIGIN + PATH, by: str = TOKEN
) -> str:
    """Twilio's rule: the address, then each name in order with each of its different values."""
    pairs = sorted(set(form))
    what = address + "".join(name + value for name, value in pairs)
    mac = hmac.new(by.encode(), what.encode(), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode()


def check(
    form: Sequence[tuple[str, str]],
    signature: str | None,
    *,
    path: str = PATH,
    origin: str = ORIGIN,
    tokens: Sequence[str] = (TOKEN, BEFORE),
) -> bool:
    return Signatures(origin=origin, tokens=tokens).is_genuine(
        path=path, form=form, signature=signature
    )


@pytest.fixture
def form() -> Form:
    return payloads.form("sms")


@pytest.mark.parametrize("name", payloads.NAMES)
def test_every_webhook_passes_as_it_was_signed(name: str) -> None:
    form = payloads.form(name)
    assert check(form, signed(form))
    assert check(form[::-1], signed(form)), "the order of the fields is nobody's promise"


@pytest.mark.parametrize("token", [TOKEN, BEFORE])
def test_the_token_of_now_and_the_one_of_before_both_count(form: Form, token: str) -> None:
    assert check(form, signed(form, by=token))


def test_another_accounts_token_is_refused(form: Form) -> None:
    assert not check(form, signed(form, by="the token of somebody else"))


@pytest.mark.parametrize("tokens", [[], [""], ["", ""]])
def test_without_a_token_nothing_passes(form: Form, tokens: list[str]) -> None:
    assert not check(form, signed(form, by=""), tokens=tokens)


@pytest.mark.parametrize("signature", [None, "", " ", "x", "x" * 28, "\u00e9" * 28])
def test_a_missing_or_made_up_signature_is_refused(form: Form, signature: str | None) -> None:
    assert not check(form, signature)


def test_http_and_https_are_not_the_same(form: Form) -> None:
    assert not check(form, signed(form, address="http://staff.example.org" + PATH))
    signature = signed(form)
    assert not check(form, signature, origin="http://staff.example.org")


@pytest.mark.parametrize(
    ("origin", "signed_for"),
    [
        ("https://staff.example.org", "https://staff.example.org:443"),
        ("https://staff.example.org:443", "https://staff.example.org"),
        ("https://staff.example.org/", "https://staff.example.org"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        ("http://[::1]:8001", "http://[::1]:8001"),
    ],
)
def test_a_port_may_be_written_out_or_left_out(form: Form, origin: str, signed_for: str) -> None:
    assert check(form, signed(form, address=signed_for + PATH), origin=origin)


@pytest.mark.parametrize(
    "signed_for", ["https://other.example.org", "https://staff.example.org:8443", "https://staff"]
)
def test_another_host_or_port_is_refused(form: Form, signed_for: str) -> None:
    assert not check(form, signed(form, address=signed_for + PATH))


@pytest.mark.parametrize(
    "path",
    [
        "/twilio/status?place=1%20a&b=",
        "/twilio/sms",
        "/twilio/sms?place=1%20a&b=&c=1",
        "/twilio/sms?place=1+a&b=",
        "/twilio/sms?b=&place=1%20a",
        "@elsewhere.example.org/twilio/sms?place=1%20a&b=",
        "",
    ],
)
def test_another_path_or_query_is_refused(form: Form, path: str) -> None:
    assert not check(form, signed(form), path=path)


def test_a_path_cannot_take_the_place_of_the_host(form: Form) -> None:
    beside = ".elsewhere.example.org/twilio/sms"
    assert not check(form, signed(form, address=ORIGIN + beside), path=beside)


def test_a_changed_added_or_removed_field_is_refused(form: Form) -> None:
    signature = signed(form)
    for place, (name, value) in enumerate(form):
        rest = form[:place] + form[place + 1 :]
        assert not check([*rest, (name, value + "1")], signature)
        assert not check([*form, (name, value + "1")], signature)
        assert not check(rest, signature)
    assert not check([*form, ("Added", "")], signature)


def test_the_same_request_again_is_as_genuine_and_names_the_same_message(form: Form) -> None:
    signature = signed(form)
    assert check(form, signature)
    assert check(form, signature)
    again = [*form, ("Body", dict(form)["Body"])]
    assert check(again, signature)
    assert webhooks.inbound_sms(again) == webhooks.inbound_sms(form)


def test_fields_run_together_under_the_same_signature_never_name_another_message(
    form: Form,
) -> None:
    signature = signed(form)
    ordered = sorted(form)
    sid = dict(form)["MessageSid"]
    passed = 0
    for place in range(len(ordered) - 1):
        (name, value), (next_name, next_value) = ordered[place : place + 2]
        cut = [*ordered[:place], (name, value + next_name + next_value), *ordered[place + 2 :]]
        if not check(cut, signature):
            continue  # a name that came before its own value changed its place in the order
        passed += 1
        with contextlib.suppress(webhooks.NotReadableError):
            assert webhooks.inbound_sms(cut).sid == sid
    assert passed > 0, "this is about what the rule of signing lets through"


def test_repeated_names_are_signed_with_each_of_their_values() -> None:
    form = [("Digits", "2"), ("Digits", "1"), ("CallSid", "CA1")]
    assert check(form, signed(form))
    assert not check(form[1:], signed(form))


def test_half_a_character_is_refused_and_no_error(form: Form) -> None:
    assert not check([*form, ("Body2", "\udce9")], signed(form))


@given(form=forms, path=st.text(st.characters(codec="ascii", categories=("L", "N")), max_size=9))
def test_whatever_was_signed_passes_and_by_nobody_elses_token(form: Form, path: str) -> None:
    address = f"{ORIGIN}/{path}"
    assert check(form, signed(form, address=address), path=f"/{path}")
    assert not check(form, signed(form, address=address, by="other"), path=f"/{path}")


@pytest.mark.parametrize(
    "origin",
    ["", "staff.example.org", "ftp://a", "https://", "https://a/path", "https://a?b", "//a"],
)
def test_an_origin_is_a_scheme_and_a_host(origin: str) -> None:
    with pytest.raises(OriginError):
        Signatures(origin=origin, tokens=[TOKEN])
