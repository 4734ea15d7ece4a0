"""However a child writes a word, it is found, and its place in the text is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import lexicon, normalise
from triage.normalise import Normaliser

NORMALISER = Normaliser(lexicon.default().spelling)


def _words(text: str) -> str:
    return NORMALISER.plain(text).words.strip()


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("KILL Myself", "kill myself"),
        ("k1ll myse1f", "kill myself"),
        ("k!ll my$elf", "kill myself"),
        ("su*cide", "suicide"),
        ("kiiillll myyyself", "kill myself"),
        ("helpp", "help"),
        ("heeeeelp!!!", "help"),
        ("kms", "kill myself"),
        ("sw", "social worker"),
        ("im gonna", "i am going to"),
        ("i'm", "i am"),
        ("i\u2019m", "i am"),
        ("don't", "do not"),
        ("don\u2019t", "do not"),
        ("dont", "do not"),
        ("my carer's hitting me", "my carer hitting me"),
        ("she's", "she is"),
        ("iwanttodie", "i want to die"),
        ("i wanttokillmyself", "i want to kill myself"),
        ("ki\u200bll", "kill"),
        ("k\u00adill", "kill"),
        ("k\u0456ll", "kill"),  # a Cyrillic i
        ("\uff4b\uff49\uff4c\uff4c", "kill"),  # wide letters
        ("\U0001d424\U0001d422\U0001d425\U0001d425", "kill"),  # ornamental letters
        ("k\u00edll", "kill"),
        ("help,help;help", "help help help"),
        ("dey keep askin n walkin past", "they keep asking and walking past"),
        ("knittin n paintin", "knitting and painting"),
        ("wen da feds brung me bk", "when the police brought me back"),
        ("woz at my kw's wiv my fam", "was at my key worker with my family"),
        ("he shanked my bruva", "he stabbed my brother"),
        ("sumfink woz under da bed", "something was under the bed"),
        ("i cannae breev", "i can not breathe"),
        ("its 1am", "it is 1am"),
        ("hurt-myself", "hurt myself"),
        ("hurt_myself", "hurt myself"),
        ("\U0001f52a", "knife"),
        ("a\U0001f52ab", "a knife b"),
        ("\U0001f5e1\ufe0f", "knife"),
        ("(((", ""),
        ("", ""),
    ],
)
def test_many_spellings_come_to_one_form(written: str, plain: str) -> None:
    assert _words(written) == plain


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("wen he herts me", "when he hurts me"),
        ("gna\U0001f602kms", "going to kill myself"),
        ("ion wanna live", "i do not want to live"),
        ("dey said dey wud shank me", "they said they would knife me"),
        ("im scard of dem", "i am scared of them"),
    ],
)
def test_a_short_form_or_a_laughing_face_never_hides_what_stands_beside_it(
    written: str, plain: str
) -> None:
    assert _words(written) == plain


@pytest.mark.parametrize("word", ["therapist", "shhh", "b4", "skill", "hangry", "rapped", "Essex"])
def test_an_ordinary_word_is_not_bent_into_a_danger(word: str) -> None:
    assert _words(word) in {word.lower(), "before"}


def test_another_alphabet_is_kept_as_it_is() -> None:
    assert _words("помогите мне") == "помогите мне"


def test_letters_with_spaces_between_are_read_as_a_word() -> None:
    plain = NORMALISER.unspaced("i want to k i l l m.y.s.e.l.f now")
    assert plain is not None
    assert "killmyself" in plain.words.replace(" ", "")
    assert NORMALISER.unspaced("plan b is a go") is None


def test_every_word_keeps_its_place_in_the_text() -> None:
    text = "Help!! i\u2019m \U0001f52a gonna kms,ok"
    plain = NORMALISER.plain(text)
    said = [text[start:end] for start, end in plain.spans()]
    assert plain.words.split() == (
        ["help", "i", "am", "knife", "going", "to", "kill", "myself", "ok"]
    )
    assert said == ["Help!!", *["i\u2019m"] * 2, "\U0001f52a", *["gonna"] * 2, *["kms"] * 2, "ok"]


def test_a_line_inside_spaced_letters_begins_no_sentence() -> None:
    inside = NORMALISER.unspaced("0:0\r0")
    assert inside is not None
    assert inside.beginnings() == [0]
    behind = NORMALISER.unspaced("go away. k i l l me! now")
    assert behind is not None
    assert [behind.words.split()[at] for at in behind.beginnings()] == ["go", "kill", "now"]


def _check_places(text: str, plain: normalise.Plain) -> None:
    spans, words = plain.spans(), plain.words.split()
    assert len(spans) == len(words)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    assert plain.beginnings() == sorted(set(plain.beginnings()))
    assert all(0 <= at < len(words) for at in plain.beginnings())
    assert not words or plain.beginnings()[0] == 0


texts = st.text(st.characters(), max_size=200) | st.text(
    st.sampled_from(list("kilhepmsdo 1!*'\u2019\u200b\u0456.,_-\U0001f52a\ud800\x00\ufdfa")),
    max_size=200,
)


@given(text=texts)
def test_every_plain_word_has_a_place_inside_the_text(text: str) -> None:
    _check_places(text, NORMALISER.plain(text))
    unspaced = NORMALISER.unspaced(text)
    if unspaced is not None:
        _check_places(text, unspaced)


@given(text=texts)
def test_plain_words_hold_no_space_of_their_own(text: str) -> None:
    words = NORMALISER.plain(text).words
    assert words == f" {' '.join(words.split())} "


@given(text=texts)
def test_normalising_twice_gives_the_same(text: str) -> None:
    assert NORMALISER.plain(text) == NORMALISER.plain(text)
    assert Normaliser(lexicon.default().spelling).plain(text).words == NORMALISER.plain(text).words


def test_no_word_of_a_child_shows_when_a_plain_text_is_printed_whole() -> None:
    assert "secret" not in repr(NORMALISER.plain("secret")).replace("words=' secret '", "")


def test_a_very_long_word_stays_out_of_the_memory() -> None:
    normaliser = Normaliser(lexicon.default().spelling)
    normaliser.plain("x" * (normalise.LONGEST_WORD + 1))
    assert normaliser._remembered.cache_info().currsize == 0
    normaliser.plain("x" * normalise.LONGEST_WORD)
    assert normaliser._remembered.cache_info().currsize == 1
