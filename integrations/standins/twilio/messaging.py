"""What Twilio does with texts: takes them, sends them, reports on them, and brings those that came.

A text is in the file before anything else happens with it.
"""

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from integrations.standins.twilio import errors, forms, parts, posting, texts, wire, words
from integrations.standins.twilio.background import Chain
from integrations.standins.twilio.behaviour import Phone, When
from integrations.standins.twilio.texts import Direction, New, Status, Text
from integrations.standins.twilio.world import World

LONGEST = 1600  # characters of one text
OPTED_OUT = 21610
NOT_TWIML = 12100
SMS, FALLBACK = "/twilio/sms", "/twilio/fallback"
FATES = {When.AT_ONCE: Status.FAILED, When.LATER: Status.UNDELIVERED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A text that a pretend phone sends."""

    sender: str
    body: str
    pictures: int = 0
    at: int | None = None  # when; otherwise now


class Messaging:
    """The texts of one account."""

    def __init__(self, world: World) -> None:
        self._world = world

    def resume(self) -> None:
        """Go on with the texts whose life our own end cut off.

        A webhook that was on its way is lost, as one is to a network: the text is in the list.
        """
        for text in texts.unfinished(self._world.file):
            self._world.background.spawn(self._live(text))

    def create(self, form: forms.Form) -> Text:
        """Take a text from the API. Raises ApiError."""
        world = self._world
        to = forms.recipient(form, own=world.own.number)
        if forms.required(form, "From", code=21603) != world.own.number:
            raise errors.ApiError(status=400, code=21606)
        body = forms.first(form, "Body")
        pictures = len(form.get("MediaUrl", ()))
        if not body and not pictures:
            raise errors.ApiError(status=400, code=21602)
        if len(body) > LONGEST:
            raise errors.ApiError(status=400, code=21617)
        callback = forms.callback(form)
        phone = world.behaviour.phones.get(to, Phone())
        if self._refuses(to):
            raise errors.ApiError(status=400, code=OPTED_OUT)
        if phone.code is not None and phone.when is When.REQUEST:
            raise errors.ApiError(status=400, code=phone.code)
        fate = Status.SENT if world.behaviour.swallow else Status.DELIVERED
        if phone.code is not None:
            fate = FATES[phone.when]
        return self._send(
            New(
                direction=Direction.API,
                sender=world.own.number,
                recipient=to,
                body=body,
                pictures=pictures,
                fate=fate,
                fate_code=phone.code,
                callback=callback,
            )
        )

    def receive(self, came: Sequence[Came]) -> list[Text]:
        """Keep what phones sent, all or nothing, and then bring it to the service."""
        world = self._world
        world.file.execute("BEGIN")
        kept = [
            texts.add(
                world.file,
                New(
                    direction=Direction.INBOUND,
                    sender=each.sender,
                    recipient=world.own.number,
                    body=each.body,
                    pictures=each.pictures,
                ),
                now=world.now() if each.at is None else each.at,
            )
            for each in came
        ]
        world.file.execute("COMMIT")
        for text in kept:
            self._carrier_acts(text)
            world.background.spawn(world.incoming.carry(partial(self._bring, text)))
        world.changes.tell()
        return kept

    async def bring_again(self, text: Text, *, copies: int) -> list[int | None]:
        """Make the same webhook several times at once; return what the service answered."""
        url = self._world.own.webhooks + SMS
        fields = self._fields(text)
        answers = await asyncio.gather(
            *(self._world.webhooks.ask(url, fields, sid=text.sid) for _ in range(copies))
        )
        return [None if answer is None else answer.status for answer in answers]

    def _send(self, new: New) -> Text:
        text = texts.add(self._world.file, new, now=self._world.now())
        self._world.background.spawn(self._live(text))
        self._world.changes.tell()
        return text

    def _refuses(self, number: str) -> bool:
        return self._world.behaviour.carrier_keywords and texts.is_opted_out(
            self._world.file, number
        )

    async def _live(self, text: Text) -> None:
        """Take a text through its states, and report each."""
        chain = Chain(self._world.background)
        self._report(chain, text)
        for status in text.rest:
            await asyncio.sleep(self._world.behaviour.pace)
            text = texts.move_on(self._world.file, text, status=status, now=self._world.now())
            self._report(chain, text)
            self._world.changes.tell()

    def _report(self, chain: Chain, text: Text) -> None:
        if text.callback is None:
            return
        fields = {
            "AccountSid": self._world.own.sid,
            "ApiVersion": wire.API_VERSION,
            "From": text.sender,
            "MessageSid": text.sid,
            "MessageStatus": str(text.status),
            "SmsSid": text.sid,
            "SmsStatus": str(text.status),
            "To": text.recipient,
        }
        if text.error_code is not None:
            fields["ErrorCode"] = str(text.error_code)
        ask = partial(self._tell, text.callback, fields, text.sid)
        chain.add(partial(self._world.reports.carry, ask))

    async def _tell(self, url: str, fields: dict[str, str], sid: str) -> None:
        await self._world.webhooks.ask(url, fields, sid=sid)

    def _carrier_acts(self, text: Text) -> None:
        word = words.keyword(text.body)
        if not self._world.behaviour.carrier_keywords or word is None:
            return
        was_out = texts.is_opted_out(self._world.file, text.sender)
        if word is words.Keyword.STOP:
            texts.opt_out(self._world.file, text.sender)
        elif word is words.Keyword.START:
            texts.opt_in(self._world.file, text.sender)
            if not was_out:
                return  # nothing was stopped, so that nobody is told that it goes on
        self._reply(text, words.reply(word))

    def _reply(self, text: Text, body: str) -> None:
        self._send(
            New(
                direction=Direction.REPLY,
                sender=text.recipient,
                recipient=text.sender,
                body=body,
            )
        )

    async def _bring(self, text: Text) -> None:
        own = self._world.own
        answer = await self._world.webhooks.ask(
            own.webhooks + SMS,
            self._fields(text),
            sid=text.sid,
            fallback=own.webhooks + FALLBACK,
        )
        if answer is None:
            return
        try:
            replies = list(_replies(answer))
        except ET.ParseError:
            self._world.ledger.trouble(NOT_TWIML, url=own.webhooks + SMS, sid=text.sid)
            return
        for body in replies:
            if not self._refuses(text.sender):
                self._reply(text, body)

    def _fields(self, text: Text) -> dict[str, str]:
        """Return what Twilio says about a text that came; it guesses places, and knows none."""
        own = self._world.own
        places = {
            side + place: "GB" if place == "Country" else ""
            for side in ("From", "To")
            for place in ("City", "Country", "State", "Zip")
        }
        pictures: dict[str, str] = {}
        for number in range(text.pictures):
            media = f"{own.api}{own.path}/Messages/{text.sid}/Media/ME{text.id:024x}{number:08x}"
            pictures[f"MediaContentType{number}"] = "image/jpeg"
            pictures[f"MediaUrl{number}"] = media
        return (
            places
            | pictures
            | {
                "AccountSid": own.sid,
                "ApiVersion": wire.API_VERSION,
                "Body": text.shown,
                "From": text.sender,
                "MessageSid": text.sid,
                "NumMedia": str(text.pictures),
                "NumSegments": str(parts.count(text.shown)),
                "SmsMessageSid": text.sid,
                "SmsSid": text.sid,
                "SmsStatus": str(text.status),
                "To": text.recipient,
            }
        )


def _replies(answer: posting.Answer) -> Iterator[str]:
    """Yield what the answer has Twilio send back. A plain text is such an answer, too."""
    if answer.content_type == "text/plain":
        yield answer.body.decode("utf-8", "replace")
    elif answer.body.strip():
        for message in ET.fromstring(answer.body).iter("Message"):  # noqa: S314 - from our own service
            yield "".join(message.itertext()).strip()
