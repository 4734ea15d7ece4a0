"""The rota's page: a week is saved whole, shifts are checked in to and swapped."""

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from helpline import seeding
from tests.helpline.console.conftest import Desk, House
from triage.models import Shift, ShiftSwap

ROTA = "/console/rota"
EVERY_DAY = {f"day-{{}}-{day}": "on" for day in range(7)}


def monday(house: House) -> date:
    day = house.clock.now().date()
    return day - timedelta(days=day.weekday()) + timedelta(days=7)


def row(number: int, person: str, starts: str, ends: str, *, line: str = "first") -> dict[str, str]:
    return {
        f"line-{number}": line,
        f"person-{number}": person,
        f"starts-{number}": starts,
        f"ends-{number}": ends,
        **{name.format(number): value for name, value in EVERY_DAY.items()},
    }


def staff(house: House, key: str) -> str:
    return str(seeding.id_of(house.adapters, key))


def whole(house: House) -> dict[str, str]:
    sam, jo = staff(house, "advocate"), staff(house, "second advocate")
    return {
        "week": monday(house).isoformat(),
        **row(0, sam, "00:00", "08:00"),
        **row(1, jo, "08:00", "16:00"),
        **row(2, sam, "16:00", "00:00"),
    }


def shifts(house: House) -> list[Shift]:
    with house.adapters.transactions.reading() as session:
        standing = sa.select(Shift).where(Shift.over_at.is_(None)).order_by(Shift.starts_at)
        return list(session.scalars(standing))


def page(desk: Desk, house: House, more: str = "") -> str:
    return desk.get(f"{ROTA}?week={monday(house)}{more}").text


def test_an_empty_week_says_that_nobody_is_first_on_call(house: House, priya: Desk) -> None:
    text = page(priya, house)
    assert "Nobody is first on call" in text
    assert "Change this week" in text


def test_a_supervisor_saves_a_week_and_everybody_sees_it(
    house: House, priya: Desk, sam: Desk
) -> None:
    answer = priya.post(ROTA, **whole(house))
    assert answer.status_code == 303
    assert len(shifts(house)) == 21
    text = page(sam, house)
    assert "Nobody is first on call" not in text
    assert text.count("08:00 to 16:00") == 7
    assert "Change this week" not in text


def test_a_week_with_a_gap_is_not_saved_and_what_was_typed_is_kept(
    house: House, priya: Desk
) -> None:
    answer = priya.post(ROTA, **{**whole(house), "ends-1": "15:00"})
    assert answer.status_code == 422
    assert "Nothing was saved. Nobody is first on call." in answer.text
    assert 'value="15:00"' in answer.text
    assert shifts(house) == []


@pytest.mark.parametrize("field", ["person-0", "starts-0", "ends-0"])
def test_a_row_that_is_not_whole_is_refused_in_words(house: House, priya: Desk, field: str) -> None:
    answer = priya.post(ROTA, **{**whole(house), field: ""})
    assert answer.status_code == 422
    assert "Something is missing" in answer.text
    assert shifts(house) == []


def test_nobody_else_may_save_or_undo(house: House, sam: Desk, priya: Desk) -> None:
    assert sam.post(ROTA, **whole(house)).status_code == 403
    priya.post(ROTA, **whole(house))
    [undo] = re.findall(r'action="(/console/rota/saves/[^"]+)"', page(priya, house))
    assert sam.post(undo, week=monday(house).isoformat()).status_code == 403
    assert len(shifts(house)) == 21


def test_a_save_is_undone(house: House, priya: Desk) -> None:
    priya.post(ROTA, **whole(house))
    [undo] = re.findall(r'action="(/console/rota/saves/[^"]+)"', page(priya, house))
    assert priya.post(undo, week=monday(house).isoformat()).status_code == 303
    assert shifts(house) == []
    assert house.actions()[-2:] == ["rota.saved", "rota.undone"]


def test_the_week_before_is_copied_into_the_form(house: House, priya: Desk) -> None:
    priya.post(ROTA, **whole(house))
    later = monday(house) + timedelta(days=7)
    text = priya.get(f"{ROTA}?week={later}&copy=1").text
    assert text.count('value="on" checked>') == 21
    assert text.count('value="08:00"') == 2


def test_a_shift_is_swapped_only_when_somebody_takes_it(
    house: House, priya: Desk, sam: Desk, jo: Desk
) -> None:
    priya.post(ROTA, **whole(house))
    mine = shifts(house)[0]
    assert sam.post(f"{ROTA}/shifts/{mine.id}/offer", to="").status_code == 303
    assert "offered" in page(jo, house)
    assert shifts(house)[0].person_id == sam.person.id
    with house.adapters.transactions.reading() as session:
        swap = session.scalars(sa.select(ShiftSwap.id)).one()
    assert sam.post(f"{ROTA}/swaps/{swap}/accept").status_code == 422
    assert jo.post(f"{ROTA}/swaps/{swap}/accept").status_code == 303
    assert shifts(house)[0].person_id == jo.person.id
    assert house.actions()[-2:] == ["shift.offered", "shift.accepted"]


def test_an_offer_is_taken_back_or_said_no_to(
    house: House, priya: Desk, sam: Desk, jo: Desk
) -> None:
    priya.post(ROTA, **whole(house))
    mine = shifts(house)[0]
    for desk, deed in ((sam, "withdraw"), (jo, "decline")):
        sam.post(f"{ROTA}/shifts/{mine.id}/offer", to=str(jo.person.id))
        with house.adapters.transactions.reading() as session:
            swap = session.scalars(
                sa.select(ShiftSwap.id).where(ShiftSwap.settled_at.is_(None))
            ).one()
        assert desk.post(f"{ROTA}/swaps/{swap}/{deed}").status_code == 303
        assert shifts(house)[0].person_id == sam.person.id


def test_somebody_checks_in_for_their_shift(house: House, priya: Desk, sam: Desk) -> None:
    priya.post(ROTA, **whole(house))
    mine = shifts(house)[0]
    assert sam.post(f"{ROTA}/shifts/{mine.id}/check-in").status_code == 422, "too early"
    house.clock.set(mine.starts_at)
    sam = house.desk("advocate")
    assert "Check in: I can be reached" in sam.get(ROTA).text
    assert sam.post(f"{ROTA}/shifts/{mine.id}/check-in").status_code == 303
    assert ">checked in<" in sam.get(ROTA).text
    assert shifts(house)[0].checked_in_at == house.clock.now()
