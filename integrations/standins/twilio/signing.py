"""Twilio's webhook signature, written from its description and not with its library.

A test holds the two against each other, so that a mistake in either is seen.
"""

import base64
import hmac
from collections.abc import Iterable


def sign(*, token: str, url: str, form: Iterable[tuple[str, str]]) -> str:
    """Return the value of ``X-Twilio-Signature``.

    HMAC-SHA1 under the account's token, over the whole address and then every field, its name
    followed by its value, in the order of the names (Twilio, "Validating requests").
    """
    signed = url + "".join(name + value for name, value in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode("ascii")
