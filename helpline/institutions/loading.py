"""Puts a list of places into the database, sealed. The same list again changes nothing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from chat import keywords
from helpline import access, scopes
from helpline.audit.record import SOFTWARE
from helpline.institutions import listing, register
from helpline.institutions.listing import Listed, Named
from helpline.institutions.register import SealedInstitution, SealedUnit
from integrations.sealing import KeyedLookup

if TYPE_CHECKING:
    from helpline.wiring import Adapters


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """How much stands in the list, and how many of its institutions were new."""

    authorities: int
    forces: int
    institutions: int
    new: int


def load(adapters: "Adapters", *, listed: Listed) -> Loaded:
    """Put a list in, whole or not at all. What the list does not name stays as it is.

    Raises :class:`helpline.institutions.listing.UnusableListError` for an authority or a force
    that is named and not there.
    """
    now = adapters.clock()
    lookup = KeyedLookup(adapters.keystore, "institution.name_token", now=now)
    tokens = [lookup.token(keywords.plain(each.name)) for each in listed.institutions]
    with adapters.transactions.reading() as session:
        known = [register.called(session, token=token) for token in tokens]
    ids = [each or uuid7() for each in known]
    # A key commits before the data that needs it.
    adapters.keystore.make(
        [scopes.of_institution(each) for each, was in zip(ids, known, strict=True) if was is None],
        now=now,
    )
    try:
        with adapters.transactions.begin() as session:
            for authority in listed.authorities:
                register.put_authority(session, authority=authority)
            for force in listed.forces:
                register.put_force(session, force=force)
            for named, row, token in zip(listed.institutions, ids, tokens, strict=True):
                _put(session, adapters, named, row, token)
                adapters.audit.record(
                    session, actor=SOFTWARE, action="institution.loaded", subject=row, now=now
                )
    except sa.exc.IntegrityError:
        raise listing.UnusableListError(
            "The list names an authority or a police force that is neither in it nor known, "
            "or the same institution twice. Nothing was changed."
        ) from None
    return Loaded(
        authorities=len(listed.authorities),
        forces=len(listed.forces),
        institutions=len(ids),
        new=known.count(None),
    )


def _put(
    session: Session, adapters: "Adapters", named: Named, institution: UUID, token: bytes
) -> None:
    now = adapters.clock()

    def sealed(table: str, row: UUID, column: str, text: str) -> bytes:
        return access.seal_about_institution(
            adapters, institution=institution, table=table, row=row, column=column, text=text
        )

    register.put_institution(
        session,
        institution=SealedInstitution(
            institution=institution,
            kind=named.kind,
            name=sealed("institution", institution, "name", named.name),
            token=token,
            address=sealed("institution", institution, "address", named.address),
            host_authority=named.host_authority,
            police_force=named.police_force,
        ),
        now=now,
    )
    there = {
        access.unit_called(adapters, institution=institution, unit=each.unit, sealed=each.name): (
            each.unit
        )
        for each in register.units_of(session, institution=institution)
    }
    fresh = [(uuid7(), name) for name in named.units if name not in there]
    register.change_units(
        session,
        institution=institution,
        new=[
            SealedUnit(unit=row, name=sealed("institution_unit", row, "name", name))
            for row, name in fresh
        ],
        gone=[row for name, row in there.items() if name not in named.units],
        now=now,
    )
