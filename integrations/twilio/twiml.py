"""The documents that tell Twilio what to do in a call, written by the SDK.

Every word that is spoken comes from the caller. Every address is one of ours, holds opaque ids
only, and is asked by POST, so that nothing of a call stands in an address. None of these documents
can record a call: no function here has a way to ask for it.
"""

from typing import Any

LANGUAGE = "en-GB"


def ask(
    *, say: str, answer_to: str, digits: int = 1, seconds: int, ends_with: str | None = None
) -> str:
    """Say something and wait for keys. What was pressed goes to ``answer_to``.

    It waits for ``digits`` keys, or for fewer and the key ``ends_with``, which is not told; without
    one every key counts, hash as well. When ``seconds`` pass without a key, the same address is
    asked without any digits, so one page decides both.
    """
    document = _response()
    heard = document.gather(
        input="dtmf",
        num_digits=digits,
        timeout=seconds,
        action=answer_to,
        method="POST",
        # Left out it would be hash: whoever presses that as "any key" would have pressed none.
        finish_on_key=ends_with or "",
    )
    heard.say(say, language=LANGUAGE)
    document.redirect(answer_to, method="POST")
    return _written(document)


def say_and_hang_up(*, say: str) -> str:
    """Say something and end the call."""
    document = _response()
    document.say(say, language=LANGUAGE)
    document.hangup()
    return _written(document)


def dial(
    *, number: str, shown: str, first_at: str, then_to: str, seconds: int, say: str | None = None
) -> str:
    """Ring ``number`` and join it to this call, after what ``first_at`` plays to the called person.

    The called person alone hears that document. They are joined when it ends, and not when it hangs
    up: so it asks for a key. Until then the person on this call hears it ringing. ``shown`` is the
    number that the called phone shows. When it is over, or nobody answered within ``seconds``,
    ``then_to`` is told how it went and says what comes next.
    """
    document = _response()
    if say is not None:
        document.say(say, language=LANGUAGE)
    joined = document.dial(
        caller_id=shown, timeout=seconds, answer_on_bridge=True, action=then_to, method="POST"
    )
    joined.number(number, url=first_at, method="POST")
    return _written(document)


def nothing() -> str:
    """Do nothing more: to the person called by :func:`dial` this means "join them now"."""
    return _written(_response())


def hang_up() -> str:
    """End the call without a word."""
    document = _response()
    document.hangup()
    return _written(document)


def reject() -> str:
    """Do not take a call that comes in; it costs nothing and the caller hears a busy line."""
    document = _response()
    document.reject(reason="busy")
    return _written(document)


def _response() -> Any:
    from twilio.twiml.voice_response import VoiceResponse  # noqa: PLC0415 - not while starting

    return VoiceResponse()


def _written(document: Any) -> str:
    return str(document)
