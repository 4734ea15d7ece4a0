"""What software may say on a phone that anybody may look at: neutral, short, nothing filled in."""

import tomllib
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import segments, wording
from chat.errors import MissingHourError, UnusableTableError

NIGHT = datetime(2026, 11, 2, 23, 0, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis asks for naive bounds and adds the zone


@pytest.mark.parametrize("key", wording.load().texts)
def test_every_text_is_one_part_of_plain_letters_without_a_fault(key: str) -> None:
    catalogue = wording.load()
    assert wording.faults(catalogue.texts[key].text) == ()
    found = segments.count(catalogue.text(key, opens=catalogue.longest_opens))
    assert (found.encoding, found.parts) == ("GSM-7", 1)
    assert found.units <= 160


def test_the_catalogue_and_the_listed_words_have_no_fault() -> None:
    assert wording.load().faults() == ()
    assert wording.listed().faults() == ()


def test_every_text_is_still_a_draft() -> None:
    assert wording.load().unreviewed() == tuple(wording.load().texts)
    listed = tomllib.loads(resources.files("chat").joinpath("listed_words.toml").read_text("utf-8"))
    assert "Not yet checked" in listed["checked"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("We are here to help", "help begins like a listed word."),
        ("Hi, this is Sam", "Sam has a capital and could be a name."),
        ("Ask your advocate", "advocate begins like a listed word."),
        ("Call CHILDLINE", "CHILDLINE is a listed word."),
        ("Is your school's rule OK", "school's is a listed word."),
        ("Are you safe", "safe begins like a listed word."),
        ("Hi. Is it on your side", "on your side is a listed phrase."),
        ("Hi {name}", "it has a place to fill in, or a sign that looks like one."),
        ("Hi {opens", "it has a place to fill in, or a sign that looks like one."),
        ("Hi %s", "it has a place to fill in, or a sign that looks like one."),
        ("Look at https://x.example.org", "it has a link."),
        ("Look at www.example", "it has a link."),
        ("Look at example.org", "it has a link."),
        ("Write to a@example", "it has a link."),
        ("ring 07700 900123", "07700 900123 looks like a telephone number."),
        ("ring 0770-090-0123", "0770-090-0123 looks like a telephone number."),
        ("ring +447700900123", "+447700900123 looks like a telephone number."),
        ("ring 111", "111 looks like a telephone number."),
        ("ring 999 85258", "999 85258 looks like a telephone number."),
        ("don\u2019t", "'\u2019' is no plain telephone letter: it would cut a part to 70 letters."),
        ("x" * 161, "it counts 161 letters, with the longest hour; a part holds 160."),
        (
            "x" * 140 + " {opens}",
            "it counts 161 letters, with the longest hour; a part holds 160.",
        ),
        ("", "it is empty, has space at an end, or a sign that cannot be seen."),
        (" Hi", "it is empty, has space at an end, or a sign that cannot be seen."),
        ("Hi\nagain", "it is empty, has space at an end, or a sign that cannot be seen."),
    ],
)
def test_what_may_not_be_sent_is_said_in_words(text: str, fault: str) -> None:
    assert fault in wording.faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "OK. If it can't wait, ring 999 or text 85258.",
        "A person will read it from {opens}.",
        "x" * 140 + "{opens}",
        "Is 5PM OK?",
        "Thanks. Keep writing if you want.",
        "We can ring you",
    ],
)
def test_what_is_neutral_may_be_sent(text: str) -> None:
    assert wording.faults(text) == ()


@given(
    word=st.sampled_from(sorted(wording.listed().words | set(wording.listed().beginnings))),
    before=st.sampled_from(["", "we ", "OK. ", "(", '"']),
    after=st.sampled_from(["", ".", " now", "!", ", ok", "'s"]),
)
def test_no_listed_word_gets_in_however_it_is_written(word: str, before: str, after: str) -> None:
    for written in (word, word.upper(), word.title()):
        assert any("listed word" in fault for fault in wording.faults(before + written + after))


@given(text=st.text(max_size=200))
def test_the_lint_reads_any_text(text: str) -> None:
    found = wording.faults(text)
    if not found:
        filled = text.replace("{opens}", wording.load().longest_opens)
        assert segments.count(filled).parts == 1
        assert segments.outside_gsm7(filled) == ()


def test_the_only_thing_filled_in_is_an_hour() -> None:
    catalogue = wording.load()
    said = catalogue.text("waiting_closed", opens="9am")
    assert "from 9am." in said
    assert "{" not in said
    assert catalogue.text("waiting", opens="9am") == catalogue.text("waiting")
    for given_ in (None, "", "Sam", "9am Sam", "13am", "0am", "9.60am", "10.30am on Wednesdays"):
        with pytest.raises(MissingHourError):
            catalogue.text("waiting_closed", opens=given_)


@pytest.mark.parametrize(
    ("opens", "said"),
    [
        (datetime(2026, 11, 3, 9, 0, tzinfo=UTC), "9am"),
        (datetime(2026, 11, 3, 10, 30, tzinfo=UTC), "10.30am"),
        (datetime(2026, 11, 3, 12, 0, tzinfo=UTC), "12pm"),
        (datetime(2026, 11, 3, 0, 5, tzinfo=UTC), "12.05am"),
        (datetime(2026, 11, 3, 22, 59, tzinfo=UTC), "10.59pm"),
        (datetime(2026, 11, 3, 23, 0, tzinfo=UTC), "11pm on Tuesday"),
        (datetime(2026, 11, 6, 9, 0, tzinfo=UTC), "9am on Friday"),
        (datetime(2027, 7, 5, 8, 0, tzinfo=UTC), "9am on Monday"),  # summer time
    ],
)
def test_an_opening_is_named_so_that_it_cannot_be_mistaken(opens: datetime, said: str) -> None:
    assert wording.opens_at(opens, now=NIGHT) == said


@given(opens=MOMENTS, wait=st.integers(0, 200))
def test_every_opening_fits_into_the_texts(opens: datetime, wait: int) -> None:
    said = wording.opens_at(opens, now=opens - timedelta(hours=wait))
    catalogue = wording.load()
    for key in catalogue.texts:
        if len(said) <= len(catalogue.longest_opens):
            assert segments.count(catalogue.text(key, opens=said)).parts == 1


def test_the_longest_hour_is_the_longest() -> None:
    week = [
        datetime(2026, 11, 2, tzinfo=UTC) + timedelta(minutes=minutes)
        for minutes in range(0, 7 * 24 * 60, 1)
    ]
    longest = max((wording.opens_at(each, now=each - timedelta(days=2)) for each in week), key=len)
    assert len(longest) == len(wording.load().longest_opens)


def _catalogue(**changes: str) -> str:
    top = {"language": '"en"', "source": '"a"', "longest_opens": '"9am"'} | changes
    lines = [f"{key} = {value}" for key, value in top.items() if value]
    return "\n".join([*lines, "[new]", 'text = "Hi"', "reviewed = true"])


def test_a_catalogue_of_ones_own_is_read_with_its_faults() -> None:
    assert wording.load(_catalogue()).faults() == ()
    assert wording.load(_catalogue()).unreviewed() == ()
    assert wording.load(_catalogue(longest_opens='"tomorrow"')).faults() == (
        "longest_opens: tomorrow is not an hour.",
    )
    alone = wording.load(_catalogue() + '\n[x_closed]\ntext = "Hi Sam"\nreviewed = false')
    assert alone.faults() == (
        "x_closed: Sam has a capital and could be a name.",
        "x_closed: there is no text for open hours.",
    )


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        _catalogue(language=""),
        _catalogue(longest_opens=""),
        _catalogue() + "\n[bye]\nreviewed = false",
        _catalogue() + '\n[bye]\ntext = "Bye"',
    ],
)
def test_a_catalogue_that_lacks_something_is_refused(text: str) -> None:
    with pytest.raises(UnusableTableError):
        wording.load(text)


def test_listed_words_that_could_never_be_found_are_faults() -> None:
    listed = wording.listed(
        'words = ["Help", "two words"]\nbeginnings = ["abu*"]\nphrases = ["one", "On Your"]\n'
        'numbers = ["9 99"]\ncapitals = []'
    )
    assert [fault.split(":")[0] for fault in listed.faults()] == [
        "Help",
        "abu*",
        "two words",
        "one",
        "On Your",
        "9 99",
    ]
    for text in ("not toml", "words = []"):
        with pytest.raises(UnusableTableError):
            wording.listed(text)
