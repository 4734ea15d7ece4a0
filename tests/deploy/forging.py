"""Requests of the telephone company's, and every way to forge one that we could think of.

Twilio signs the whole public address and each field; nothing in a signature says when it was made.
So whoever holds a genuine request may send it again, and must not be able to change a thing in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import UUID

import httpx2
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from helpline import paging_pages, twilio_pages, voice_pages
from tests.deploy.installed import STAFF_ORIGIN
from tests.deploy.nginx import CHILD_HOST
from tests.helpline.phone_house import ACCOUNT, CHILD, OURS, TOKEN

NOBODY = UUID(int=7)  # an id of nothing that there is
Form = tuple[tuple[str, str], ...]

_TEXT: Form = (
    ("AccountSid", ACCOUNT),
    ("Body", "can sombody talk? ş 🙂 + & ="),
    ("From", CHILD),
    ("MessageSid", "SM" + "a" * 32),
    ("MessageStatus", "delivered"),
    ("NumMedia", "0"),
    ("NumSegments", "1"),
    ("To", OURS),
)
_CALL: Form = (
    ("AccountSid", ACCOUNT),
    ("CallSid", "CA" + "a" * 32),
    ("CallStatus", "in-progress"),
    ("Digits", "1"),
    ("Direction", "inbound"),
    ("From", CHILD),
    ("To", OURS),
)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One request, as it goes over the wire."""

    path: str
    form: Form
    signature: str | None
    method: str = "POST"
    kind: str = "application/x-www-form-urlencoded"
    also: tuple[tuple[str, str], ...] = ()

    def over(self, client: httpx2.Client) -> httpx2.Response:
        """Send it."""
        headers = {"Content-Type": self.kind, **dict(self.also)}
        if self.signature is not None:
            headers["X-Twilio-Signature"] = self.signature
        return client.request(
            self.method,
            self.path,
            content=urlencode(self.form),
            headers=[(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        )

    def named(self, **changed: str) -> Form:
        """Its form with some fields changed."""
        return tuple((name, changed.get(name, value)) for name, value in self.form)


def sign(path: str, form: Form, *, origin: str = STAFF_ORIGIN, token: str = TOKEN) -> str:
    """The signature that the company's own library makes."""
    signature: str = RequestValidator(token).compute_signature(f"{origin}{path}", dict(form))
    return signature


def genuine(path: str, *, number: int = 0) -> Sent:
    """What the company would send to this address; each number is another text or call."""
    form = _CALL if "/voice/" in path else _TEXT
    sids = {"MessageSid": f"SM{number:032x}", "CallSid": f"CA{number:032x}"}
    form = tuple((name, sids.get(name, value)) for name, value in form)
    return Sent(path=path, form=form, signature=sign(path, form))


def addresses() -> list[str]:
    """Every address that the company calls, as the service's own routes name them."""
    found = []
    for route in (*twilio_pages.routes, *voice_pages.routes, *paging_pages.routes):
        assert isinstance(route, Route)
        path = route.path.replace("{page:uuid}", str(NOBODY))
        if path == "/twilio/status":
            path += f"?text={NOBODY}"
        elif path.startswith("/twilio/voice/") and "/page/" not in path:
            path += f"?call={NOBODY}&person={NOBODY}&turn=1"
        found.append(path)
    return found


def forgeries(real: Sent) -> Iterator[tuple[str, Sent]]:
    """The same request, forged in each way, under a name for the way."""
    path, form = real.path, real.form
    other = "AC" + "9" * 32
    yield "no signature", replace(real, signature=None)
    yield "empty signature", replace(real, signature="")
    yield "garbage", replace(real, signature="bm90IGEgc2lnbmF0dXJl")
    yield "not in letters", replace(real, signature="\xe9" * 28)
    yield "signature cut short", replace(real, signature=(real.signature or "")[:-1])
    yield "wrong token", replace(real, signature=sign(path, form, token="another"))
    yield "empty token", replace(real, signature=sign(path, form, token=""))
    # Another place: what is signed is the address that the company was told to call.
    for origin in (
        STAFF_ORIGIN.replace("https:", "http:"),
        f"https://{CHILD_HOST}",
        "https://evil.example",
        f"{STAFF_ORIGIN}:8443",
        "http://127.0.0.1:8000",
    ):
        yield f"signed for {origin}", replace(real, signature=sign(path, form, origin=origin))
    evil = replace(real, signature=sign(path, form, origin="http://evil.example"))
    for name, value in (
        ("X-Forwarded-Host", "evil.example"),
        ("Forwarded", "host=evil.example;proto=http"),
        ("X-Original-URL", f"http://evil.example{path}"),
    ):
        yield (
            f"{name} of elsewhere",
            replace(evil, also=((name, value), ("X-Forwarded-Proto", "http"))),
        )
    plain = sign(path, form, origin=STAFF_ORIGIN.replace("https:", "http:"))
    yield (
        "http, and says so",
        replace(real, signature=plain, also=(("X-Forwarded-Proto", "http"),)),
    )
    # Replays with changes: the signature is a genuine one.
    yield "another From", replace(real, form=real.named(From="+447700900999"))
    yield "another To", replace(real, form=real.named(To="+447700900998"))
    yield (
        "another sid",
        replace(real, form=real.named(MessageSid="SM" + "b" * 32, CallSid="CA" + "b" * 32)),
    )
    yield "changed words", replace(real, form=real.named(Body="STOP", Digits="2"))
    yield "changed status", replace(real, form=real.named(MessageStatus="failed", NumMedia="3",
                                                          CallStatus="completed"))  # fmt: skip
    yield "added field", replace(real, form=(*form, ("Extra", "x")))
    yield "field given twice", replace(real, form=(*form, ("From", "+447700900999")))
    yield "field taken away", replace(real, form=form[:-1])
    yield "no form", replace(real, form=())
    yield "query added", replace(real, path=f"{path}{'&' if '?' in path else '?'}more=1")
    if "?" in path:
        yield "query longer by a mark", replace(real, path=f"{path}&")
        yield "query taken away", replace(real, path=path.partition("?")[0])
        yield (
            "query changed",
            replace(real, path=path.replace(str(NOBODY), str(UUID(int=8)))),
        )
    yield "address written differently", replace(real, path=path.replace("twilio", "twi%6Cio"))
    yield (
        "signed for another address",
        replace(real, signature=sign("/twilio/other", form)),
    )
    # Another account: its own signature, and ours over its name.
    foreign = real.named(AccountSid=other)
    yield "another account, our token", replace(real, form=foreign, signature=sign(path, foreign))
    yield (
        "another account, its token",
        replace(real, form=foreign, signature=sign(path, foreign, token="theirs")),
    )
    yield "another account, replayed", replace(real, form=foreign)
    nameless = form[1:]
    yield "no account", replace(real, form=nameless, signature=sign(path, nameless))
    # Other ways to say the same.
    yield "as JSON", replace(real, form=(("json", "{}"),), kind="application/json")
    for method in ("GET", "HEAD"):
        yield f"by {method}", replace(real, method=method)
    yield (
        "too long",
        replace(real, form=(*form, ("Long", "x" * (twilio_pages.MOST_BYTES + 1)))),
    )
    many = (*form, *((f"N{number}", "") for number in range(twilio_pages.MOST_FIELDS)))
    yield "too many fields", replace(real, form=many, signature=sign(path, many))
