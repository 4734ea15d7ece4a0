"""Which texts are kept, and in which form: all of a child's words, or a refusal that says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import conversation
from chat.conversation import MOST_CHARACTERS
from chat.errors import BadClientIdError, EmptyTextError, TooLongError

# Lone halves of characters too: by chance alone they would hardly be tried.
ANY_TEXT = st.text(
    st.characters(codec=None, exclude_categories=()) | st.characters(categories=["Cs"]),
    max_size=60,
)


@pytest.mark.parametrize("text", ["help", "  help  ", "a\nb\tc", "😢", "مرحبا", "ok\u200b"])
def test_an_ordinary_text_is_kept_as_it_came(text: str) -> None:
    assert conversation.kept_text(text) == text


def test_ten_thousand_characters_are_kept_and_one_more_is_refused() -> None:
    assert len(conversation.kept_text("😢" * MOST_CHARACTERS)) == 10_000
    with pytest.raises(TooLongError):
        conversation.kept_text("x" * (MOST_CHARACTERS + 1))


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u2003\u00a0"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(EmptyTextError):
        conversation.kept_text(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("he\0lp", "he\ufffdlp"),
        ("he\ud83dlp", "he\ufffdlp"),
        ("\udfff", "\ufffd"),
        ("\0", "\ufffd"),
        ("é\0", "é\ufffd"),
    ],
)
def test_what_no_database_can_keep_costs_one_character_and_not_the_message(
    text: str, kept: str
) -> None:
    assert conversation.kept_text(text) == kept


@given(ANY_TEXT)
def test_whatever_is_kept_can_be_written_anywhere(text: str) -> None:
    try:
        kept = conversation.kept_text(text)
    except EmptyTextError:
        assert not text.strip()
        return
    assert len(kept) == len(text)
    assert "\0" not in kept
    assert kept.encode().decode() == kept
    assert conversation.kept_text(kept) == kept


@pytest.mark.parametrize("client_id", ["a", "A-z_09", "x" * 64])
def test_a_plain_client_id_is_taken(client_id: str) -> None:
    assert conversation.checked_client_id(client_id) == client_id


@pytest.mark.parametrize(
    "client_id", ["", "x" * 65, "a b", "a\n", "a:b", "é", "٣", "\0", "\ud800", "a" * 64 + "\n"]
)
def test_any_other_client_id_is_refused(client_id: str) -> None:
    with pytest.raises(BadClientIdError):
        conversation.checked_client_id(client_id)
