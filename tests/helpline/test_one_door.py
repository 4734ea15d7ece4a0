"""What a child said is opened in one place, which checks and records (helpline/access.py)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("helpline", "chat", "triage")

# The door itself; and intake, with what it keeps apart, which compare a retry with what was kept
# and show it to nobody.
OPENS_WORDS = {Path("helpline/access.py"), Path("helpline/intake.py"), Path("helpline/apart.py")}

# What is sealed under this scope is about staff: their names, addresses and second factors.
STAFF_SCOPES = {"'staff'", "totp.SCOPE", "SCOPE"}
OPENS_STAFF = {
    Path("helpline/accounts/names.py"),
    Path("helpline/accounts/own_phone.py"),
    Path("helpline/accounts/totp.py"),
    Path("helpline/accounts/welcoming.py"),
    Path("helpline/mailing.py"),
}


def openings(tree: ast.AST) -> list[str]:
    """The scope of every `sealing.open(scope, ...)`, and every other use of it."""
    found = []
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or node.attr != "open":
            continue
        if not ast.unparse(node.value).lower().endswith("sealing"):
            continue
        call = calls.get(id(node))
        # Handed on as a value it could be called anywhere, with any scope.
        found.append(ast.unparse(call.args[0]) if call and call.args else "handed on")
    return found


def test_a_childs_words_are_opened_at_the_one_door_only() -> None:
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT)
            for scope in openings(ast.parse(path.read_text("utf-8"))):
                is_staffs = name in OPENS_STAFF and scope in STAFF_SCOPES
                if name not in OPENS_WORDS and not is_staffs:
                    found.append(f"{name}: {scope}")
    assert found == []


@pytest.mark.parametrize(
    ("sample", "found"),
    [
        ("adapters.sealing.open(scope, 'message', row, 'body', b'')", ["scope"]),
        ("self._sealing.open(totp.SCOPE, 'staff', row, 'name', b'')", ["totp.SCOPE"]),
        ("Sealing(keys).open('conversation:1', 'm', r, 'b', b'')", []),
        ("opens = adapters.sealing.open", ["handed on"]),
        ("adapters.sealing.seal(scope, 'message', row, 'body', 'text')", []),
        ("Path('x').open()", []),
    ],
)
def test_an_opening_is_seen(sample: str, found: list[str]) -> None:
    assert openings(ast.parse(sample)) == found


def test_nothing_in_the_service_makes_a_sealing_of_its_own() -> None:
    makers = [
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "Sealing(" in path.read_text("utf-8")
    ]
    assert makers == [Path("helpline/wiring.py")]
