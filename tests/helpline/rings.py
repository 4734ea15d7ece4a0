"""A telephone company that rings, remembers whom, and can be told to fail."""

from dataclasses import dataclass, field

from integrations.twilio.calls import RungCall
from integrations.twilio.errors import TwilioError


@dataclass(frozen=True)
class Ring:
    """One phone that rang, and what the company was told to ask."""

    to: str
    answer_at: str
    status_to: str
    seconds: int
    sid: str


@dataclass
class Rings:
    """Fails as it is told, one way for each ring. ``lost`` rings and loses the answer."""

    rung: list[Ring] = field(default_factory=list)
    fails: list[TwilioError | str] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)

    def ring(self, *, to: str, answer_at: str, status_to: str, rings_for_seconds: int) -> RungCall:
        failing = self.fails.pop(0) if self.fails else None
        if isinstance(failing, TwilioError):
            raise failing
        sid = f"CA{len(self.rung) + 1:032x}"
        self.rung.append(Ring(to, answer_at, status_to, rings_for_seconds, sid))
        if failing == "lost":
            raise TwilioError(can_retry=True, maybe_sent=True)
        return RungCall(sid=sid)

    def hang_up(self, *, sid: str) -> None:
        self.hung_up.append(sid)
