"""How many parts a text is sent in (3GPP TS 23.038): only for the figure that Twilio reports."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
GSM7 = (160, 153)  # alone, and in each of several parts
UCS2 = (70, 67)


def count(text: str) -> int:
    """Return the number of parts; a text without words still takes one."""
    letters = set(text)
    if letters <= BASIC | EXTENDED:
        units = len(text) + sum(letter in EXTENDED for letter in text)
        alone, joined = GSM7
    else:
        units = len(text.encode("utf-16-le")) // 2
        alone, joined = UCS2
    return 1 if units <= alone else -(-units // joined)
