"""Calls both ways: they ring, somebody answers or nobody does, and a document says what follows."""

from dataclasses import dataclass

from integrations.standins.twilio import account, calls, errors, forms, legs, ringing, twiml
from integrations.standins.twilio.behaviour import Phone
from integrations.standins.twilio.calls import Call, Direction, Status
from integrations.standins.twilio.flow import Flow
from integrations.standins.twilio.legs import Act, Leg, OverError, Reports, Signal
from integrations.standins.twilio.twiml import Document, Target
from integrations.standins.twilio.world import World

VOICE = "/twilio/voice/in"
RINGS_FOR = 60  # seconds, unless the request says otherwise (Twilio, "Timeout")
LONGEST_RINGING = 600
SETTLES_WITHIN = 20.0  # seconds: longer than the service may take to answer a request
READY_WITHIN = 5.0

NO_TO, WRONG_FROM, NO_URL, NOT_LIVE = 21604, 21210, 21205, 21220
PICKED_UP_BY_A_PHONE = frozenset({Act.ANSWER, Act.VOICEMAIL, Act.REJECT, Act.RING_OUT})


class NotNowError(Exception):
    """Nobody can do that with this call at present."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What a request for a call says."""

    to: str
    script: Target | Document
    seconds: int
    reports: Reports
    fallback: str | None


class Calling:
    """The calls of one account."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._legs: dict[str, Leg] = {}
        self._flow = Flow(world, begin=self._begin)

    def create(self, form: forms.Form) -> Call:
        """Take a call from the API. Raises ApiError."""
        order = self._read(form)
        leg = self._leg(
            calls.new(
                direction=Direction.API,
                sender=self._world.own.number,
                recipient=order.to,
                now=self._world.now(),
            ),
            reports=order.reports,
            fallback=order.fallback,
        )
        leg.live(self._ring_somebody(leg, order))
        return leg.call

    def call_us(self, number: str) -> Call:
        """Have a phone ring our number."""
        leg = self._leg(
            calls.new(
                direction=Direction.INBOUND,
                sender=number,
                recipient=self._world.own.number,
                now=self._world.now(),
            ),
            reports=Reports(),
            fallback=None,
        )
        leg.live(self._be_rung(leg))
        return leg.call

    async def end(self, sid: str, *, only_unanswered: bool) -> Call:
        """End a call at the API's wish. Raises ApiError when it is over."""
        leg = self._legs.get(sid)
        if leg is None or leg.is_over or (only_unanswered and not leg.is_unanswered):
            raise errors.ApiError(status=400, code=NOT_LIVE)
        leg.signal(Signal(act=Act.END))
        await self._world.changes.until(lambda: leg.is_over, seconds=READY_WITHIN)
        return leg.call

    async def act(self, sid: str, act: Act, *, digits: str = "") -> Call:
        """Have the person who holds a phone do something; return when its effects are over.

        Raises NotNowError when that cannot be done, such as pressing a key that nobody waits for.
        """
        leg = self._legs.get(sid)
        if leg is None:
            raise NotNowError
        # A leg at rest will not come to it by itself.
        await self._world.changes.until(
            lambda: _can(leg, act) or self.is_at_rest(leg.root), seconds=READY_WITHIN
        )
        if not _can(leg, act):
            raise NotNowError
        leg.signal(Signal(act=act, digits=digits))
        await self.settle(leg.call)
        return leg.call

    async def settle(self, call: Call) -> None:
        """Wait until nothing more happens by itself to a call and those that belong to it."""
        root = self._legs[call.sid].root
        await self._world.changes.until(lambda: self.is_at_rest(root), seconds=SETTLES_WITHIN)

    def wants_key(self, sid: str) -> bool:
        """Say whether whoever holds this phone is being asked for a key."""
        leg = self._legs.get(sid)
        return leg is not None and leg.wants_key

    def forget(self) -> None:
        """Know of no call."""
        self._legs.clear()

    def is_at_rest(self, root: Leg | None = None) -> bool:
        """Say whether nothing happens by itself, to one family of legs or to all."""
        return all(
            leg.is_at_rest for leg in self._legs.values() if root is None or leg.root is root
        )

    def _leg(self, call: Call, *, reports: Reports, fallback: str | None) -> Leg:
        leg = Leg(self._world, call, reports=reports, parent=None, fallback=fallback)
        self._begin(leg)
        return leg

    def _begin(self, leg: Leg) -> None:
        """Know a leg. Those that are long over are forgotten."""
        done = [sid for sid, each in self._legs.items() if each.root.is_over and each.is_at_rest]
        for sid in done:
            del self._legs[sid]
        self._legs[leg.call.sid] = leg

    async def _ring_somebody(self, leg: Leg, order: _Order) -> None:
        habit = self._world.behaviour.phones.get(order.to, Phone()).rings
        try:
            await ringing.ring(leg, seconds=order.seconds, habit=habit)
            if isinstance(order.script, Target):
                await self._flow.follow(leg, order.script, may_dial=True)
            else:
                await self._flow.play(leg, order.script, may_dial=True)
        except OverError as over:
            leg.end(over.status)
        else:
            leg.end(Status.COMPLETED)

    async def _be_rung(self, leg: Leg) -> None:
        leg.ring()
        try:
            target = Target(url=self._world.own.webhooks + VOICE)
            await self._flow.follow(leg, target, may_dial=True)
        except OverError as over:
            leg.end(over.status)
        else:
            leg.end(Status.COMPLETED)

    def _read(self, form: forms.Form) -> _Order:
        own = self._world.own
        to = forms.recipient(form, own=own.number)
        if forms.required(form, "From", code=WRONG_FROM) != own.number:
            raise errors.ApiError(status=400, code=WRONG_FROM)
        if forms.first(form, "Record").lower() == "true":
            self._world.ledger.counts["recordings"] += 1
        seconds = forms.first(form, "Timeout")
        return _Order(
            to=to,
            script=_script(form),
            seconds=min(int(seconds), LONGEST_RINGING) if seconds.isdecimal() else RINGS_FOR,
            reports=Reports(
                url=forms.callback(form),
                events=legs.wanted(form.get("StatusCallbackEvent", ())),
            ),
            fallback=forms.callback(form, "FallbackUrl", code=NO_URL),
        )


def _script(form: forms.Form) -> Target | Document:
    written = forms.first(form, "Twiml")
    if written:
        try:
            return twiml.parse(written, url="")
        except twiml.NotTwimlError:
            raise errors.ApiError(status=400, code=NO_URL) from None
    url = forms.required(form, "Url", code=NO_URL)
    if not account.is_loopback(url):
        raise errors.ApiError(status=400, code=NO_URL)
    return Target(url=url)


def _can(leg: Leg, act: Act) -> bool:
    if leg.is_over:
        return False
    if act in PICKED_UP_BY_A_PHONE:
        return leg.call.status is Status.RINGING and leg.call.direction is not Direction.INBOUND
    if act is Act.PRESS:
        return leg.wants_key
    return True
