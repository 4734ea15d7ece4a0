"""A short form of the drill on a service of its own: claims and a small flood."""

import os

import pytest

from helpline.drill import claims, flood, night


@pytest.mark.timeout(240)
def test_a_short_night_keeps_every_bound() -> None:
    environ = {"PATH": os.defpath}
    with night.begun("sqlite", environ=environ) as (service, _):
        found = [*claims.play(service, claims=50)]
        found += flood.play(service, hoaxes=300, numbers=50, minutes=0.5, genuine=6)
    # The first stranger writes while the first copies come; a crowd is known some seconds later.
    strict = [each for each in found if "stranger" not in each.name]
    assert [each for each in strict if not each.is_well] == []
    assert all(each.measured is not None for each in found)
