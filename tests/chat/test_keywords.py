"""Words that mean something alone: only alone, and however a phone writes them."""

import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import keywords, texting, wording
from chat.errors import UnusableTableError
from chat.texting import Input

ANY_TEXT = st.text(
    st.characters(codec=None, exclude_categories=()) | st.characters(categories=["Cs"]),
    max_size=60,
)
KEYWORDS = st.sampled_from(sorted(keywords.load()))
# Words that begin and end no keyword of more than one word.
OTHER_WORDS = st.lists(
    st.sampled_from(["them", "it", "he", "will", "make", "not", "when", "tell", "plz", "5"]),
    min_size=1,
    max_size=5,
).map(" ".join)


def read(text: str, *, pictures: int = 0, is_own_word: bool = False) -> Input:
    return texting.read_input(text, pictures=pictures, is_own_word=is_own_word)


@pytest.mark.parametrize(
    ("text", "given_"),
    [
        *((word, Input.STOP) for word in ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL")),
        *((word, Input.STOP) for word in ("REVOKE", "OPTOUT", "Opt out", "Opt-Out", "stop all")),
        *((word, Input.STOP) for word in ("Stop please", "LEAVE ME ALONE!", "Stop texting me")),
        *((word, Input.STOP) for word in ("don\u2019t text me", "dont text me.", "توقف", "Стоп!")),
        *((word, Input.START) for word in ("START", "unstop")),
        *((word, Input.HELP) for word in ("HELP", "Help!!!", "info", "مساعدة", "POMOCY")),
        *((word, Input.CRY) for word in ("END", "quit.", "Quit")),
        *((word, Input.YES) for word in ("YES", "yes", "Y", "yeah", "Yes please")),
        *((word, Input.NO) for word in ("NO", "nope", "No thanks")),
        *((word, Input.LATER) for word in ("LATER", "not now", "Can\u2019t talk now", "not safe")),
        *((word, Input.CALL) for word in ("CALL", "call me", "Please ring me")),
    ],
)
def test_a_whole_message_keyword(text: str, given_: Input) -> None:
    assert read(text) is given_


@pytest.mark.parametrize(
    "text",
    [
        "make them stop",
        "make it stop",
        "stop him",
        "stop it",
        "please stop",
        "stop hurting me",
        "I said stop and he didn't",
        "help me",
        "can you help",
        "the end",
        "i want to end it",
        "i quit school",
        "call the police",
        "don't call",
        "yes he did",
        "no one listens",
        "see you later",
        "cancel my visit",
        "start from the beginning",
        "st op",
        "stop 😢",
        "stopp",
        "?",
        "...",
        "\ud83d",
        "\0",
    ],
)
def test_everything_else_is_words_for_a_person(text: str) -> None:
    assert read(text) is Input.WORDS


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u2003\u00a0"])
def test_a_text_without_words_is_empty_unless_it_brought_a_picture(text: str) -> None:
    assert read(text) is Input.EMPTY
    assert read(text, pictures=1) is Input.PICTURE


def test_a_picture_with_words_is_a_picture_and_with_a_keyword_the_keyword() -> None:
    assert read("look at this", pictures=2) is Input.PICTURE
    assert read("STOP", pictures=1) is Input.STOP
    assert read("help", pictures=1) is Input.HELP


def test_the_childs_own_word_goes_before_all_but_a_stop() -> None:
    assert read("pineapple", is_own_word=True) is Input.OWN_WORD
    assert read("yes", is_own_word=True) is Input.OWN_WORD
    assert read("start", is_own_word=True) is Input.OWN_WORD
    assert read("pineapple", pictures=1, is_own_word=True) is Input.OWN_WORD
    assert read("STOP", is_own_word=True) is Input.STOP


@given(word=KEYWORDS, before=st.sampled_from(["", " ", "\n", '"', "\u2026 ", "\u200b"]))
def test_capitals_spaces_and_punctuation_make_no_difference(word: str, before: str) -> None:
    family = keywords.family(word)
    for written in (word, word.title(), word.replace(" ", "  "), word.replace("'", "\u2019")):
        for after in ("", " ", ".", "!!", " ?", "\n", '"', "\u3002"):
            assert keywords.family(before + written + after) == family


@given(word=KEYWORDS, others=OTHER_WORDS)
def test_a_keyword_inside_a_sentence_is_never_a_keyword(word: str, others: str) -> None:
    for sentence in (f"{others} {word}", f"{word} {others}", f"{others} {word} {others}"):
        assert keywords.family(sentence) is None
        assert read(sentence) is Input.WORDS


@given(word=KEYWORDS, letter=st.characters(categories=["L", "N"]))
def test_a_letter_more_is_another_word(word: str, letter: str) -> None:
    if keywords.plain(word + letter) not in keywords.load():
        assert keywords.family(word + letter) is None


@given(text=ANY_TEXT, pictures=st.integers(0, 10), is_own_word=st.booleans())
def test_no_text_is_an_error(text: str, pictures: int, *, is_own_word: bool) -> None:
    found = read(text, pictures=pictures, is_own_word=is_own_word)
    assert found in texting.FROM_PHONE
    assert found is not Input.EMPTY or (not text.strip() and pictures == 0)


@given(ANY_TEXT)
def test_the_plain_form_is_a_form_of_itself(text: str) -> None:
    assert keywords.plain(keywords.plain(text)) == keywords.plain(text)


def test_each_family_is_an_input_that_only_a_phone_gives() -> None:
    families = {Input(family) for family in keywords.FAMILIES}
    assert set(keywords.load().values()) == set(keywords.FAMILIES)
    assert texting.FROM_PHONE - families == {
        Input.WORDS,
        Input.OWN_WORD,
        Input.PICTURE,
        Input.EMPTY,
    }


def test_whatever_our_texts_ask_for_is_understood() -> None:
    asked = {
        word
        for text in wording.load().texts.values()
        for word in text.text.replace(".", " ").split()
        if word.isalpha() and word.isupper() and len(word) > 2
    }
    assert asked == {"YES", "LATER"}
    assert {read(word) for word in asked} == {Input.YES, Input.LATER}


def test_no_translation_is_said_to_be_checked() -> None:
    text = resources.files("chat").joinpath("keywords.toml").read_text("utf-8")
    assert "No translation has been checked" in tomllib.loads(text)["checked"]


def _table(**changes: str) -> str:
    families = {name: f'["{name} word"]' for name in keywords.FAMILIES} | changes
    return "\n".join(f"[{name}]\nwords = {words}" for name, words in families.items() if words)


def test_a_table_of_ones_own_is_read() -> None:
    assert keywords.load(_table())["stop word"] == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        _table(stop=""),
        _table(stop='["..."]'),
        _table(stop='["help word"]'),
        _table(stop='["HELP  word!"]'),
    ],
)
def test_a_table_with_a_word_in_two_families_or_without_one_is_refused(text: str) -> None:
    with pytest.raises(UnusableTableError):
        keywords.load(text)
