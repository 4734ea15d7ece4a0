"""Whether a webhook comes from Twilio, by its signature over our configured address and the form.

The signature holds no time and no number that is used once: the same request sent again is as
genuine as before. What stands against that is the sid in it, which is kept once and for all.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator


class OriginError(ValueError):
    """The address that Twilio calls us at begins like https://staff.example.org and has no path."""


class Signatures:
    """Checks against the account's tokens, so that a token can be changed without a gap.

    ``origin`` is the public one, from the settings. What a request says of its own host or scheme
    is never looked at. Without any token nothing is genuine.
    """

    def __init__(self, *, origin: str, tokens: Sequence[str]) -> None:
        parts = urlsplit(origin.rstrip("/"))
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
            raise OriginError
        self._origin = f"{parts.scheme}://{parts.netloc}"
        # An empty token would be a key that everybody knows.
        self._validators = [RequestValidator(token) for token in tokens if token]

    def is_genuine(
        self, *, path: str, form: Sequence[tuple[str, str]], signature: str | None
    ) -> bool:
        """Whether one of the tokens signed this request.

        ``path`` is the raw one, still encoded, with its query. ``form`` is every pair that came,
        in any order, repeated names too.
        """
        if not signature or not path.startswith("/"):
            return False
        address = self._origin + path
        values = _Form(form)
        try:
            # Every token is tried, so that the time taken does not say which one fitted.
            fits = [each.validate(address, values, signature) for each in self._validators]
        except UnicodeError:
            # Half a character: nothing that could have been signed.
            return False
        return any(fits)


class _Form(dict[str, list[str]]):
    """A form as the SDK reads it: names, and all the values of each."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def getlist(self, name: str) -> list[str]:
        return self[name]
