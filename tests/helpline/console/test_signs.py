"""What a conversation shows as a whole stands beside it: in the queue, and above the words."""

from datetime import timedelta

from helpline import jobs, quiet
from helpline.queue.models import Lane
from tests.helpline.console.conftest import DANGER, Desk, House, chat, order_on
from triage import conversation as rules
from triage.grades import Grade

FIGURES = rules.load()
QUIET = FIGURES.gone_quiet.silences[Grade.URGENT].noticed_after


def answer(house: House, desk: Desk, conversation: str) -> None:
    desk.post(f"{conversation}/claim")
    sent = desk.post(f"{conversation}/reply", client_id="r1", seen="1", text="Are you safe?")
    assert sent.status_code == 303
    house.clock.advance(QUIET)
    assert quiet.notice(house.adapters, owner="tests") == 1


def test_a_silence_is_shown_in_the_queue_and_beside_the_words(house: House, sam: Desk) -> None:
    silent = house.begin(DANGER)
    answer(house, sam, chat(silent))
    waiting = house.begin(DANGER)
    # The console locked itself meanwhile.
    sam = house.desk("advocate")
    page = sam.get(chat(silent)).text
    assert order_on(page) == [str(silent), str(waiting)]
    assert page.count("Gone quiet, noticed at") == 1
    assert 'data-quiet-mine="1"' in page
    assert 'data-quiet-mine="0"' in house.desk("second advocate").get("/console").text
    assert FIGURES.gone_quiet.sign.why in page.partition('id="signs"')[2].partition("</div>")[0]
    assert "still so, asked for urgent" in page


def test_a_silence_that_is_over_stays_on_record_and_calls_no_more(house: House, sam: Desk) -> None:
    silent = house.begin(DANGER)
    answer(house, sam, chat(silent))
    # The console locked itself meanwhile.
    sam = house.desk("advocate")
    seen = sam.json(f"{chat(silent)}/messages?after=2&casework=0").json()
    assert FIGURES.gone_quiet.sign.why in seen["regions"]["signs"]
    house.clock.advance(timedelta(minutes=1))
    house.say(silent, "sorry, i am here")
    news = sam.json(f"{chat(silent)}/messages?after=2&casework={seen['casework']}").json()
    assert FIGURES.gone_quiet.sign.why not in news["regions"]["signs"]
    assert "over since then" in news["regions"]["climb"]
    assert "Gone quiet, noticed" not in sam.get("/console").text


def test_asking_again_is_shown_with_why(house: House) -> None:
    conversation = house.begin()
    for text in ("hello?", "is anyone there", "please", "hello??"):
        house.clock.advance(timedelta(minutes=5))
        house.say(conversation, text)
        house.clock.advance(timedelta(seconds=3))
        jobs.drain(house.adapters, lane=Lane.NORMAL, owner="tests")
    page = house.desk("advocate").get(chat(conversation)).text
    assert "Asking again" in page.partition('id="middle"')[0]
    assert FIGURES.asking_again.sign.why in page


def test_words_that_cross_two_messages_are_marked_in_both(house: House, sam: Desk) -> None:
    conversation = house.begin("they held", "me down on the floor", "lunch")
    page = sam.get(chat(conversation)).text
    assert "they <mark>held</mark>" in page
    assert "<mark>me down</mark>" in page
    assert page.count(FIGURES.together.note) == 2


def test_an_earlier_message_comes_again_when_a_later_one_gives_it_reasons(
    house: House, sam: Desk
) -> None:
    conversation = house.begin("they held")
    later = house.say(conversation, "me down on the floor")
    news = sam.json(f"{chat(conversation)}/messages?after={later - 1}").json()
    assert 'data-seq="1"' in news["messages"]
    assert "they <mark>held</mark>" in news["messages"]
    assert news["latest"] == later
    plain = house.say(conversation, "lunch")
    house.clock.advance(timedelta(minutes=3))
    alone = house.say(conversation, "ok")
    news = sam.json(f"{chat(conversation)}/messages?after={plain}").json()
    assert 'data-seq="1"' not in news["messages"]
    assert f'data-seq="{alone}"' in news["messages"]


def test_words_that_cross_the_edge_of_a_page_are_marked_on_it(house: House, sam: Desk) -> None:
    conversation = house.begin("they held")
    later = house.say(conversation, "me down on the floor")
    older = sam.json(f"{chat(conversation)}/earlier?before={later}").json()
    assert "they <mark>held</mark>" in older["messages"]
    assert f'data-seq="{later}"' not in older["messages"]
