"""Only chat itself touches the tables of what was said; whoever else reads them has a reason here.

The words in them are sealed, and opened at one door (tests/helpline/test_one_door.py). This keeps
the rows from being read around that door, counted in reports or joined to names.
"""

import ast
import re
from pathlib import Path

import pytest

from chat import models
from integrations.database import Base

ROOT = Path(__file__).parents[1]
MODELS = models.__name__
TABLES = (
    "call",
    "call_back",
    "contact",
    "conversation",
    "inbound_text",
    "message",
    "outgoing_text",
    "past_sending",
    "phone",
)

# Whoever imports the tables, and why that is no way around the door.
MAY_IMPORT = {
    "chat/service/arrive.py": "a verb of chat",
    "chat/service/call.py": "a verb of chat; what it hands out is sealed",
    "chat/service/call_back.py": "a verb of chat; what it hands out is sealed",
    "chat/service/contacts.py": "a verb of chat; when and which way, no words",
    "chat/service/heard.py": "a verb of chat; when and which way, no words",
    "chat/service/leave.py": "a verb of chat",
    "chat/service/outgoing.py": "a verb of chat; what it hands out is sealed",
    "chat/service/phone.py": "a verb of chat; what it hands out is sealed",
    "chat/service/last_word.py": "a verb of chat; the newest message of a person, no words",
    "chat/service/quiet.py": "a verb of chat; who wrote last and when, no words",
    "chat/service/read.py": "a verb of chat; what it hands out is sealed",
    "chat/service/reply.py": "a verb of chat",
    "chat/service/ring.py": "a verb of chat",
    "chat/service/silence.py": "a verb of chat; who wrote last and when, no words",
    "chat/service/start.py": "a verb of chat",
    "chat/service/too_late.py": "a verb of chat; which came first and when, no words",
    "chat/service/unreported.py": "a verb of chat; states, times and the provider's ids, no words",
    "helpline/access.py": "the door; it takes the names of authors, and no table",
    "helpline/demo_store.py": "whether a store is empty before a demo moves in; no words",
    "helpline/migrating.py": "compares the tables with the migrations",
    "helpline/tracing.py": "states and times for whoever runs the machines; never a body or a name",
    "helpline/signals/events.py": "who of which place came when, no words",
    "helpline/console/danger_view.py": "whose conversation speaks against staff there; no words",
    "helpline/console/turns_view.py": "whether a child left, in the query of the queue; no words",
}

# Columns that hold words. Nobody outside chat's own verbs and statements names them.
WORDS = {"body", "shown_name", "number", "reason"}

# Whoever names the tables in SQL of their own.
MAY_NAME = {
    "chat/statements_postgresql.py": "the batch statement of chat",
    "chat/statements_sqlite.py": "the batch statement of chat",
}


def imports_models(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(name.name == MODELS for name in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and (
            node.module == MODELS
            or (node.module == "chat" and any(name.name == "models" for name in node.names))
        ):
            return True
    return False


def tables_in_sql(tree: ast.Module) -> set[str]:
    """The tables of chat that a text of SQL in this module reads or writes."""
    named = re.compile(
        rf"\b(?:FROM|JOIN|INTO|UPDATE)\s+({'|'.join(TABLES)})\b(?!\s*\()",
    )
    return {
        found
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for found in named.findall(node.value)
    }


def words_of_tables(tree: ast.Module) -> set[str]:
    """The columns with words that a module names on a table of chat."""
    return {
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in WORDS
        and isinstance(node.value, ast.Name)
        and node.value.id in {"Contact", "Conversation", "Message", "OutgoingText"}
    }


def modules() -> dict[str, ast.Module]:
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
        for package in ("helpline", "chat", "triage", "integrations")
        for path in sorted((ROOT / package).rglob("*.py"))
        # A stand-in is a program of its own, with tables of its own.
        if not {"migrations", "standins"} & set(path.parts)
    }


def test_only_those_with_a_reason_import_the_tables_of_chat() -> None:
    assert {name for name, tree in modules().items() if imports_models(tree)} == set(MAY_IMPORT)


def test_only_chats_own_statements_name_its_tables_in_sql() -> None:
    assert {name for name, tree in modules().items() if tables_in_sql(tree)} == set(MAY_NAME)


def test_nobody_outside_chat_selects_a_column_with_words() -> None:
    found = {
        f"{name}: {column}"
        for name, tree in modules().items()
        if not name.startswith("chat/")
        for column in words_of_tables(tree)
    }
    assert found == set()


def test_the_tables_are_those_of_chat() -> None:
    of_chat = {
        mapper.local_table.description
        for mapper in Base.registry.mappers
        if mapper.class_.__module__ == MODELS
    }
    assert of_chat == set(TABLES)


@pytest.mark.parametrize(
    ("sample", "is_seen"),
    [
        ("import chat.models", True),
        ("from chat import models", True),
        ("from chat import models as kept", True),
        ("from chat.models import Message", True),
        ("def late():\n    from chat.models import Message", True),
        ("from chat.service import read", False),
        ("from triage import models", False),
    ],
)
def test_an_import_of_the_tables_is_seen(sample: str, *, is_seen: bool) -> None:
    assert imports_models(ast.parse(sample)) is is_seen


@pytest.mark.parametrize(
    ("sample", "found"),
    [
        ("sa.text('SELECT body FROM message WHERE 1')", {"message"}),
        ("x = 'UPDATE conversation SET left_at = NULL'", {"conversation"}),
        ("x = 'a message from a conversation'", set()),
        ("x = 'SELECT 1 FROM message_of_the_day'", set()),
    ],
)
def test_a_table_in_sql_is_seen(sample: str, found: set[str]) -> None:
    assert tables_in_sql(ast.parse(sample)) == found


def test_a_column_with_words_is_seen() -> None:
    tree = ast.parse("sa.select(Message.body, Conversation.shown_name, Conversation.left_at)")
    assert words_of_tables(tree) == {"Message.body", "Conversation.shown_name"}
