"""The phone behind a conversation, and the one gate for everything that leaves for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from chat import numbers, sending
from chat.calling import AskedWindow
from chat.errors import NotANumberError
from chat.numbers import Number, NumberKind
from chat.sending import Kind, Recipient, Verdict
from chat.service import phone
from chat.service.phone import Known
from helpline import scopes
from helpline.settings import Settings
from integrations.keystore import Keystore
from integrations.sealing import KeyedLookup
from integrations.twilio.calls import Calls, TwilioCalls
from integrations.twilio.client import Api
from integrations.twilio.messages import Texts, TwilioTexts
from integrations.twilio.signature import Signatures
from triage import hours

if TYPE_CHECKING:
    from helpline.wiring import Adapters


@dataclass(frozen=True)
class Phones:
    """What an installation with texts and calls has beside the others."""

    account: str
    number: str
    signatures: Signatures
    texts: Texts
    calls: Calls
    lookup: KeyedLookup
    own_words: KeyedLookup
    refused: "Refusals"


class Refusals:
    """How many requests of this process were not the telephone company's."""

    def __init__(self) -> None:
        self.number = 0

    def count(self) -> None:
        """One more. Called on the event loop alone."""
        self.number += 1


def build(settings: Settings, keystore: Keystore, *, now: datetime) -> Phones | None:
    """What the settings ask for; None where they name no telephone company."""
    if not (settings.twilio_account_sid and settings.twilio_auth_token and settings.twilio_number):
        return None
    keystore.key_for_ever(scopes.WISH, now=now)
    api = Api(
        account_sid=settings.twilio_account_sid,
        token=settings.twilio_auth_token,
        api_url=settings.twilio_api,
    )
    tokens = [settings.twilio_auth_token, settings.twilio_auth_token_previous or ""]
    return Phones(
        account=settings.twilio_account_sid,
        number=settings.twilio_number,
        signatures=Signatures(origin=settings.staff_origin, tokens=tokens),
        texts=TwilioTexts(api, number=settings.twilio_number),
        calls=TwilioCalls(api, number=settings.twilio_number),
        lookup=KeyedLookup(keystore, "phone.token", now=now),
        own_words=KeyedLookup(keystore, "phone.own_word_token", now=now),
        refused=Refusals(),
    )


def number_from(sender: str) -> Number:
    """A sender as the provider names it. What is no number is kept all the same, as OTHER."""
    try:
        return numbers.read(sender)
    except NotANumberError:
        return Number(e164=sender, kind=NumberKind.OTHER, is_drama=False)


def recipient(standing: Known, *, within: AskedWindow | None = None) -> Recipient:
    """What the gate looks at; never the digits, which stay sealed.

    ``within`` is the window of a call-back that the child asked for.
    """
    return Recipient(
        number=Number(e164="", kind=NumberKind(standing.number_kind), is_drama=standing.is_drama),
        state=standing.state,
        window=None if standing.safe_window is None else hours.parse(standing.safe_window),
        may_text=standing.may_text,
        may_ring=standing.may_ring,
        is_blocked=standing.blocked_at is not None,
        is_dead=standing.dead_at is not None,
        last_heard_at=standing.last_heard_at,
        last_rang_at=standing.last_rang_at,
        asked=within,
        is_present=standing.is_present,
    )


def ask_gate(
    session: Session,
    adapters: "Adapters",
    *,
    conversation: UUID,
    kind: Kind,
    reason: str | None,
    now: datetime,
) -> Verdict | None:
    """May this leave now? None when the conversation is not one of a phone."""
    standing = phone.standing(session, conversation=conversation)
    if standing is None:
        return None
    return verdict(adapters, standing, kind=kind, reason=reason, now=now)


def verdict(
    adapters: "Adapters",
    standing: Known,
    *,
    kind: Kind,
    reason: str | None,
    now: datetime,
    within: AskedWindow | None = None,
) -> Verdict:
    """The gate's answer about a phone whose standing is known."""
    return sending.may_send(
        recipient(standing, within=within),
        now,
        kind,
        is_demo=adapters.settings.demo,
        reason=reason,
    )


def verdict_on_page(
    session: Session, adapters: "Adapters", number: Number, *, kind: Kind, now: datetime
) -> Verdict:
    """The gate's answer about ringing or texting the phone of a member of staff."""
    standing = None
    if adapters.phones is not None:
        token = adapters.phones.lookup.token(number.e164)
        standing = phone.known(session, token=token)
    if standing is None:
        return sending.may_send(sending.stranger(number), now, kind, is_demo=adapters.settings.demo)
    return verdict(adapters, standing, kind=kind, reason=None, now=now)
