"""Ten states times every input: each cell as it is meant, written down here a second time."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import texting, wording
from chat.errors import UnusableTableError
from chat.texting import Cell, Flag, Input, TextState

# N new, W waiting, L live, Q quiet, B call-back, C closed, R returning, P paused, K recheck,
# S stopped. After the colon: the text that is sent. After the plus: what staff are told.
LETTERS = dict(zip("NWLQBCRPKS", TextState, strict=True))
SAID = {
    "h": "new",
    "b": "returning",
    "w": "waiting",
    "p": "picture",
    "c": "call_back",
    "z": "bye",
}
TOLD = {
    "!": Flag.CRY,
    "s": Flag.STOPPED,
    "p": Flag.PICTURE,
    "c": Flag.CALL_WANTED,
    "k": Flag.RECHECK,
    "n": Flag.CANNOT_TEXT,
}

EXPECTED = """
                  N      W      L      Q      B      C      R      P      K      S
words             W:h    W      L      L      B      R:b    W      K+k    K      S
yes               W:h    W      L      L      B      R:b    W:w    K+k    K      S
no                W:h    K+k    L      L      B      R:b    K+k    K+k    K      S
later             P      P      P      P      P      P      P      P      P      S
own_word          P      P      P      P      P      P      P      P      P      S
stop              S+s    S+s    S+s    S+s    S+s    S+s    S+s    S+s    S+s    S+s
start             W:h    W      L      L      B      R:b    W:w    K+k    K      K+k
help              W+!    W+!    L+!    L+!    B+!    W+!    W+!    K+k!   K+!    S+!
cry               W+!    W+!    L+!    L+!    B+!    W+!    W+!    K+k!   K+!    S+!
call              B:c+c  B:c+c  B:c+c  B:c+c  B+c    B:c+c  B:c+c  K+kc   K+c    S+c
picture           W:p+p  W:p+p  L:p+p  L:p+p  B:p+p  R:p+p  W:p+p  K+kp   K+p    S+p
empty             W:h    W      L      L      B      R:b    W      K+k    K      S
claimed           N      L      L      L      L      C      L      P      K      S
closed_kindly     N      C:z    C:z    C:z    C:z    C      C:z    P      P      S
marked_unsafe     P      P      P      P      P      P      P      P      P      S
checked_safe      N      W      L      Q      B      C      R      P      L      S
silent_20_minutes N      W      Q      Q      B      C      R      P      K      S
silent_24_hours   N      W      C      C      B      C      R      P      K      S
blocked           S+n    S+n    S+n    S+n    S+n    S+n    S+n    S+n    S+n    S+n
"""


def _cells() -> Iterator[tuple[TextState, Input, Cell]]:
    header, *rows = (line.split() for line in EXPECTED.strip().splitlines())
    for name, *cells in rows:
        for letter, written in zip(header, cells, strict=True):
            match = re.fullmatch(r"(\w)(?::(\w))?(?:\+(\S+))?", written)
            assert match is not None, written
            yield (
                LETTERS[letter],
                Input(name),
                Cell(
                    next=LETTERS[match[1]],
                    says=SAID[match[2]] if match[2] else None,
                    flags=frozenset(TOLD[flag] for flag in match[3] or ""),
                ),
            )


CELLS = list(_cells())
STATES = st.sampled_from(TextState)
INPUTS = st.sampled_from(Input)


@pytest.mark.parametrize(
    ("state", "given_", "cell"), CELLS, ids=[f"{state}-{given_}" for state, given_, _ in CELLS]
)
def test_the_cell(state: TextState, given_: Input, cell: Cell) -> None:
    assert texting.load().cell(state, given_) == cell


def test_the_cells_above_are_all_there_are() -> None:
    assert {(state, given_) for state, given_, _ in CELLS} == {
        (state, given_) for state in TextState for given_ in Input
    }
    assert len(CELLS) == len(texting.load().cells) == 10 * 19


def _walk(state: TextState, inputs: list[Input]) -> Iterator[tuple[TextState, Input, Cell]]:
    for each in inputs:
        cell = texting.load().cell(state, each)
        yield state, each, cell
        state = cell.next


@given(start=STATES, before=st.lists(INPUTS), after=st.lists(INPUTS))
def test_after_a_stop_there_is_silence_until_start(
    start: TextState, before: list[Input], after: list[Input]
) -> None:
    stopped = False
    for state, given_, cell in _walk(start, [*before, Input.STOP, *after]):
        stopped = (stopped and given_ is not Input.START) or given_ is Input.STOP
        if stopped:
            assert (cell.next, cell.says) == (TextState.STOPPED, None), (state, given_)


@given(start=STATES, inputs=st.lists(INPUTS))
def test_after_a_pause_nothing_is_sent_before_a_person_has_checked(
    start: TextState, inputs: list[Input]
) -> None:
    paused = False
    for state, given_, cell in _walk(start, inputs):
        if given_ in {Input.LATER, Input.OWN_WORD, Input.MARKED_UNSAFE}:
            paused = True
        elif given_ is Input.CHECKED_SAFE and state is TextState.RECHECK:
            paused = False
        if paused:
            # A stop on top of it and a START after it do not end it.
            assert cell.says is None, (state, given_)
            assert cell.next in texting.SILENT


@given(start=STATES, inputs=st.lists(INPUTS))
def test_one_automatic_text_for_each_state_that_is_entered(
    start: TextState, inputs: list[Input]
) -> None:
    for state, given_, cell in _walk(start, inputs):
        if cell.next is state and given_ is not Input.PICTURE:
            assert cell.says is None


@given(state=STATES)
def test_a_cry_is_told_to_staff_from_every_state_and_never_answered_by_a_machine(
    state: TextState,
) -> None:
    for given_ in (Input.HELP, Input.CRY):
        cell = texting.load().cell(state, given_)
        assert cell.says is None
        assert Flag.CRY in cell.flags


@given(state=STATES)
def test_what_staff_are_told_does_not_depend_on_what_may_be_sent(state: TextState) -> None:
    for given_ in texting.FROM_PHONE:
        told = texting.load().cell(TextState.LIVE, given_).flags
        assert told <= texting.load().cell(state, given_).flags


@pytest.mark.parametrize("given_", sorted(texting.FROM_CLOCK | {Input.BLOCKED}))
def test_a_silent_phone_is_never_written_to_by_a_machine(given_: Input) -> None:
    assert {texting.load().cell(state, given_).says for state in TextState} == {None}


def test_software_ends_nothing_while_a_child_waits_for_us() -> None:
    waiting = (TextState.WAITING, TextState.CALL_BACK, TextState.RETURNING, TextState.RECHECK)
    for state in waiting:
        for given_ in texting.FROM_CLOCK:
            assert texting.load().cell(state, given_).next is state


def test_the_text_for_closed_hours_is_chosen_where_there_is_one() -> None:
    table = texting.load()
    first = table.cell(TextState.NEW, Input.WORDS)
    assert texting.template(first, is_open=True) == "new"
    assert texting.template(first, is_open=False) == "new_closed"
    back = table.cell(TextState.CLOSED, Input.WORDS)
    assert texting.template(back, is_open=True) == "returning"
    assert texting.template(back, is_open=False) == "returning"
    silent = table.cell(TextState.NEW, Input.HELP)
    assert texting.template(silent, is_open=True) is None
    assert texting.template(silent, is_open=False) is None


def test_every_text_that_the_table_sends_is_there_and_no_other() -> None:
    assert texting.faults(texting.load(), wording.load()) == ()
    empty = wording.load('language="en"\nsource=""\nlongest_opens="9am"\n')
    assert "new: the table sends it, and there is no such text." in texting.faults(
        texting.load(), empty
    )
    more = wording.load(
        'language="en"\nsource=""\nlongest_opens="9am"\n[extra]\ntext="Hi"\nreviewed=false'
    )
    assert "extra: there is a text, and the table never sends it." in texting.faults(
        texting.load(), more
    )


def test_every_state_input_and_flag_has_words_for_people() -> None:
    table = texting.load()
    words = [*table.states.values(), *table.inputs.values(), *table.flags.values()]
    assert all(words)
    assert len(set(words)) == len(TextState) + len(Input) + len(Flag)


def _table_text(
    changed: dict[tuple[TextState, Input], str] | None = None, *, though_newer: str = '["new"]'
) -> str:
    table = texting.load()
    lines = ['source = "a"', 'checked = "b"', f"though_newer = {though_newer}"]
    for name, each in (("states", TextState), ("inputs", Input), ("flags", Flag)):
        lines += [f"[{name}]", *(f'{word} = "{word} {name}"' for word in each)]
    for state in TextState:
        lines.append(f"[{state}]")
        for given_ in Input:
            cell = table.cell(state, given_)
            row = [f'next = "{cell.next}"']
            row += [f'says = "{cell.says}"'] if cell.says else []
            row += [f"flags = {[flag.value for flag in sorted(cell.flags)]}"]
            written = (changed or {}).get((state, given_), ", ".join(row))
            lines += [f"{given_} = {{ {written} }}"] if written else []
    return "\n".join(lines)


def test_a_table_of_ones_own_is_read() -> None:
    assert texting.load(_table_text()).cells == texting.load().cells


@pytest.mark.parametrize(("state", "given_"), [(state, given_) for state, given_, _ in CELLS])
def test_a_table_with_a_missing_cell_is_refused(state: TextState, given_: Input) -> None:
    with pytest.raises(UnusableTableError):
        texting.load(_table_text({(state, given_): ""}))


@pytest.mark.parametrize("key", ["waiting", "bye", "no such text"])
def test_only_an_answer_to_a_first_text_may_leave_though_a_newer_one_came(key: str) -> None:
    assert texting.load(_table_text()).leaves_though_newer("new_closed")
    assert not texting.load(_table_text()).leaves_though_newer("picture")
    with pytest.raises(UnusableTableError):
        texting.load(_table_text(though_newer=f'["{key}"]'))


R = TextState.RETURNING
N, W, L, P = TextState.NEW, TextState.WAITING, TextState.LIVE, TextState.PAUSED
K, S = TextState.RECHECK, TextState.STOPPED


@pytest.mark.parametrize(
    ("state", "given_", "row"),
    [
        (L, Input.STOP, 'next = "live", flags = ["stopped"]'),
        (L, Input.STOP, 'next = "stopped"'),
        (L, Input.STOP, 'next = "stopped", says = "bye", flags = ["stopped"]'),
        (S, Input.WORDS, 'next = "waiting"'),
        (S, Input.YES, 'next = "returning", says = "returning"'),
        (S, Input.START, 'next = "returning"'),
        (S, Input.START, 'next = "recheck"'),
        (S, Input.START, 'next = "recheck", says = "returning", flags = ["recheck"]'),
        (S, Input.CHECKED_SAFE, 'next = "live"'),
        (S, Input.MARKED_UNSAFE, 'next = "paused"'),
        (S, Input.WORDS, 'next = "stopped", says = "waiting"'),
        (L, Input.WORDS, 'next = "stopped"'),
        (L, Input.LATER, 'next = "live"'),
        (L, Input.OWN_WORD, 'next = "paused", says = "bye"'),
        (L, Input.MARKED_UNSAFE, 'next = "recheck", flags = ["recheck"]'),
        (P, Input.WORDS, 'next = "live"'),
        (P, Input.WORDS, 'next = "recheck"'),
        (P, Input.WORDS, 'next = "recheck", says = "waiting", flags = ["recheck"]'),
        (P, Input.CHECKED_SAFE, 'next = "live"'),
        (P, Input.CLOSED_KINDLY, 'next = "closed", says = "bye"'),
        (K, Input.WORDS, 'next = "live"'),
        (K, Input.CLAIMED, 'next = "live"'),
        (K, Input.CHECKED_SAFE, 'next = "live", says = "waiting"'),
        (N, Input.HELP, 'next = "waiting", says = "new", flags = ["cry"]'),
        (N, Input.HELP, 'next = "waiting"'),
        (L, Input.CRY, 'next = "live"'),
        (L, Input.PICTURE, 'next = "live", says = "picture"'),
        (L, Input.CALL, 'next = "call_back", says = "call_back"'),
        (L, Input.BLOCKED, 'next = "live", flags = ["cannot_text"]'),
        (L, Input.BLOCKED, 'next = "stopped"'),
        (L, Input.SILENT_20_MINUTES, 'next = "quiet", says = "bye"'),
        (L, Input.SILENT_20_MINUTES, 'next = "quiet", flags = ["recheck"]'),
        (L, Input.SILENT_24_HOURS, 'next = "waiting"'),
        (W, Input.SILENT_24_HOURS, 'next = "closed"'),
        (W, Input.WORDS, 'next = "waiting", says = "waiting"'),
        (W, Input.NO, 'next = "recheck"'),
        (R, Input.WORDS, 'next = "waiting", says = "waiting"'),
        (R, Input.EMPTY, 'next = "waiting", says = "waiting"'),
        (R, Input.NO, 'next = "waiting", says = "waiting"'),
        (L, Input.WORDS, 'next = "elsewhere"'),
        (L, Input.WORDS, 'next = "live", flags = ["panic"]'),
        (L, Input.WORDS, 'next = "live", say = "new"'),
        (L, Input.WORDS, 'says = "new"'),
    ],
)
def test_a_table_that_could_put_a_child_at_risk_is_refused(
    state: TextState, given_: Input, row: str
) -> None:
    with pytest.raises(UnusableTableError):
        texting.load(_table_text({(state, given_): row}))


def test_a_file_that_is_no_table_is_refused() -> None:
    for text in ("not toml", "", 'source = "a"'):
        with pytest.raises(UnusableTableError):
            texting.load(text)
