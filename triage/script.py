"""Which script a text is written in: a text the lexicon can not read must not look calm."""

import unicodedata
from collections import Counter
from functools import lru_cache

# More than this share of letters that are not Latin, and a person must read it in its language.
# Measured by the project's research on 16 languages: none was missed, no English text was caught.
MOST_OTHER_LETTERS = 0.3

# The first word of a letter's Unicode name -> its script's code (ISO 15924).
_CODES = {
    "ARABIC": "Arab",
    "ARMENIAN": "Armn",
    "BENGALI": "Beng",
    "CJK": "Hani",
    "CYRILLIC": "Cyrl",
    "DEVANAGARI": "Deva",
    "ETHIOPIC": "Ethi",
    "GEORGIAN": "Geor",
    "GREEK": "Grek",
    "GUJARATI": "Gujr",
    "GURMUKHI": "Guru",
    "HANGUL": "Hang",
    "HEBREW": "Hebr",
    "HIRAGANA": "Jpan",
    "KATAKANA": "Jpan",
    "KHMER": "Khmr",
    "LAO": "Laoo",
    "MALAYALAM": "Mlym",
    "MYANMAR": "Mymr",
    "SINHALA": "Sinh",
    "TAMIL": "Taml",
    "TELUGU": "Telu",
    "THAI": "Thai",
    "TIBETAN": "Tibt",
}
_OTHER = "Zyyy"
_LATIN = "Latn"


def language_of(text: str) -> str:
    """`en`, or `und-` and a script code, or `zxx` when there is no letter and no figure.

    Text in Latin letters counts as English: telling those languages apart is not done yet.
    """
    if text.isascii():
        return "en" if any(map(str.isalnum, text)) else "zxx"
    letters = Counter(_script(letter) for letter in text if letter.isalpha())
    if not letters:
        return "en" if any(map(str.isalnum, text)) else "zxx"
    other = letters.total() - letters[_LATIN]
    if other <= MOST_OTHER_LETTERS * letters.total():
        return "en"
    del letters[_LATIN]
    return f"und-{letters.most_common(1)[0][0]}"


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    # A wide or ornamental letter is the plain letter that it stands for.
    plain = unicodedata.normalize("NFKC", letter)[:1]
    first = unicodedata.name(plain, "").split(" ")[0]
    return _LATIN if first == "LATIN" else _CODES.get(first, _OTHER)
