"""A phone rings, until somebody or something ends that."""

from integrations.standins.twilio.behaviour import Habit
from integrations.standins.twilio.calls import Status
from integrations.standins.twilio.legs import Act, Leg, OverError, Signal

HABITS = {
    Habit.BUSY: Act.REJECT,
    Habit.NO_ANSWER: Act.RING_OUT,
    Habit.VOICEMAIL: Act.VOICEMAIL,
}


async def ring(leg: Leg, *, seconds: float, habit: Habit | None) -> None:
    """Return when the phone was picked up. Raises OverError when it was not."""
    if habit is Habit.FAILED:
        raise OverError(Status.FAILED)
    leg.ring()
    if habit is not None:
        leg.signal(Signal(act=HABITS[habit]))
    while True:
        signal = await leg.wait(seconds)
        if signal is None or signal.act is Act.RING_OUT:
            raise OverError(Status.NO_ANSWER)
        if signal.act is Act.REJECT:
            raise OverError(Status.BUSY)
        if signal.act in (Act.ANSWER, Act.VOICEMAIL):
            leg.answer(by_machine=signal.act is Act.VOICEMAIL)
            return
