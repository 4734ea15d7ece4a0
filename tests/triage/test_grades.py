"""The grade table: what ships is what the design says, and a bad table is refused."""

from datetime import timedelta

import pytest

from triage import grades
from triage.grades import Grade, GradeTableError, Target

MINUTE = timedelta(minutes=1)


def _table_text(**changes: str) -> str:
    row = {
        "set_by_software": "true",
        "read_within_minutes": "5",
        "counts": '"wall"',
        "steps_from": '"received"',
        "repeat_every_minutes": "5",
        "steps": '[{ after_minutes = 0, page = "first on call" }]',
    } | changes
    body = "\n".join(f"{name} = {value}" for name, value in row.items() if value)
    return 'source = "a"\nchecked = "b"\n' + "\n".join(f"[{grade}]\n{body}" for grade in Grade)


def test_ranks_run_from_the_worst_to_the_mildest() -> None:
    assert [grade.rank for grade in Grade] == [0, 1, 2, 3, 4]
    assert Grade.EMERGENCY.rank == 0


def test_emergency_pages_at_once_then_climbs_to_everyone_in_ten_minutes() -> None:
    clock = grades.load().of(Grade.EMERGENCY)
    assert [(step.after, step.page) for step in clock.steps] == [
        (0 * MINUTE, Target.FIRST),
        (2 * MINUTE, Target.SECOND),
        (5 * MINUTE, Target.SUPERVISOR),
        (10 * MINUTE, Target.EVERYONE),
    ]
    assert (clock.read_within, clock.repeat_every) == (5 * MINUTE, 5 * MINUTE)


def test_urgent_pages_from_ten_minutes_to_everyone_at_forty_five() -> None:
    clock = grades.load().of(Grade.URGENT)
    assert [(step.after, step.page) for step in clock.steps] == [
        (10 * MINUTE, Target.FIRST),
        (15 * MINUTE, Target.SECOND),
        (30 * MINUTE, Target.SUPERVISOR),
        (45 * MINUTE, Target.EVERYONE),
    ]
    assert (clock.read_within, clock.repeat_every) == (15 * MINUTE, 15 * MINUTE)


def test_high_pages_at_the_limit_and_the_supervisor_an_hour_later() -> None:
    clock = grades.load().of(Grade.HIGH)
    assert (clock.counts, clock.steps_from) == ("open hours", "limit")
    assert (clock.read_within, clock.read_within_out_of_hours) == (120 * MINUTE, 60 * MINUTE)
    assert [(step.after, step.page) for step in clock.steps] == [
        (0 * MINUTE, Target.FIRST),
        (60 * MINUTE, Target.SUPERVISOR),
    ]


def test_only_a_person_gives_the_two_mildest_grades_and_nobody_is_paged_for_them() -> None:
    table = grades.load()
    by_software = [grade for grade in Grade if table.of(grade).set_by_software]
    assert by_software == [Grade.EMERGENCY, Grade.URGENT, Grade.HIGH]
    assert [table.of(grade).steps for grade in (Grade.STANDARD, Grade.INFORMATION)] == [(), ()]


def test_the_table_says_that_its_times_are_not_confirmed() -> None:
    assert all("not confirmed" in grades.load().of(grade).checked for grade in Grade)


def test_sped_up_divides_every_duration_and_keeps_the_targets() -> None:
    real, demo = grades.load(), grades.load().sped_up(10)
    for grade in (Grade.EMERGENCY, Grade.URGENT, Grade.HIGH):
        assert demo.of(grade).read_within == real.of(grade).read_within / 10
        assert [step.page for step in demo.of(grade).steps] == [
            step.page for step in real.of(grade).steps
        ]
        assert [step.after * 10 for step in demo.of(grade).steps] == [
            step.after for step in real.of(grade).steps
        ]
        assert demo.of(grade).repeat_every == (real.of(grade).repeat_every or MINUTE) / 10
    assert demo.of(Grade.STANDARD) == real.of(Grade.STANDARD)


@pytest.mark.parametrize("factor", [0, -1])
def test_a_clock_is_never_slowed_or_turned_back(factor: int) -> None:
    with pytest.raises(GradeTableError):
        grades.load().sped_up(factor)


def test_a_table_of_ones_own_is_read() -> None:
    table = grades.load(_table_text(counts='"wall"'))
    assert table.of(Grade.STANDARD).read_within == 5 * MINUTE


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        'source = "a"\nchecked = "b"\n',
        _table_text(read_within_minutes=""),
        _table_text(read_within_minutes="0"),
        _table_text(repeat_every_minutes=""),
        _table_text(repeat_every_minutes="0"),
        _table_text(counts='"hours of daylight"'),
        _table_text(steps_from='"yesterday"'),
        _table_text(steps='[{ after_minutes = 0, page = "the cat" }]'),
        _table_text(steps='[{ after_minutes = -1, page = "everyone" }]'),
        _table_text(
            steps='[{ after_minutes = 5, page = "everyone" },'
            ' { after_minutes = 5, page = "supervisor" }]'
        ),
    ],
)
def test_a_table_that_could_page_late_or_stop_paging_is_refused(text: str) -> None:
    with pytest.raises(GradeTableError):
        grades.load(text)
