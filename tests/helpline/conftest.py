"""What every test of `helpline` has: passwords and PINs whose hashes cost next to nothing."""

import argon2
import pytest

from helpline.accounts import passwords


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash in a moment: seeding the demo's people takes two hashes, and most tests seed them.

    The real cost stands in `test_passwords`, and in every process that a test starts.
    """
    monkeypatch.setattr(
        passwords, "HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )
