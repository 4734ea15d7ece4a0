"""The benchmark runs the real service, its ceiling and an echo, and compares like with like."""

import json
import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from chat.models import Message
from helpline import wiring
from helpline.bench import command, unstored
from helpline.bench import intake as bench
from helpline.bench.load import Measured, Spread
from helpline.intake import Kept, Said
from helpline.public import conversations
from tests import installation
from tests.clock import Clock
from tests.stores import Stores


@pytest.fixture
def ceiling(stores: Stores, clock: Clock) -> Iterator[wiring.Adapters]:
    adapters = wiring.build(
        installation.settings_for(stores),
        bell=installation.RecordingBell(),
        clock=clock.now,
        writes=unstored.writer,
    )
    yield adapters
    adapters.close()


def test_the_ceiling_gives_numbers_and_keeps_nothing(ceiling: wiring.Adapters) -> None:
    conversation = conversations.start(ceiling).conversation
    said = [Said(conversation, name, "hello") for name in ("a", "b")]
    outcomes = ceiling.writer._write(said)
    assert [each.seq for each in outcomes if isinstance(each, Kept)] == [1, 2]
    with ceiling.transactions.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 0


def test_a_ratio_is_of_one_round_and_the_median_is_told() -> None:
    def figures(rate: float) -> bench.Figures:
        measured = Measured(rate, Spread(1, 2), Spread(1, 2), 100)
        return bench.Figures(measured, 100.0, 20.0, measured)

    rounds = [
        bench.Round(figures(ours), figures(ceiling), figures(5000), Spread(0.5, 1.0))
        for ours, ceiling in ((500, 1000), (100, 1000), (60, 100))
    ]
    told = bench._told(rounds)
    assert told["share_of_ceiling"] == 0.5
    assert told["share_of_ceiling_rounds"] == [0.5, 0.1, 0.6]
    assert told["p99_at_200_per_bare_commit_p99"] == 2.0


@pytest.mark.long
@pytest.mark.timeout(0)
def test_the_command_prints_figure_limit_and_ratio() -> None:
    arguments = ["intake", "--json", "--rounds", "1", "--seconds", "1", "--engine", "sqlite"]
    result = CliRunner().invoke(command.bench, arguments, env={"PATH": os.defpath})
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["engines"]["sqlite"]
    assert found["service"]["messages_per_second"] > 0
    assert 0 < found["share_of_ceiling"] <= 1.5
