"""Which key seals what."""

from uuid import UUID

# What a child has chosen of a call-back so far stands sealed in its browser's cookie, nowhere else.
WISH = "wish"


def of_conversation(conversation: UUID) -> str:
    """Every word of a conversation, and of staff about it, is sealed under this scope."""
    return f"conversation:{conversation}"


def of_child(child: UUID) -> str:
    """What is known of a child is sealed under this scope."""
    return f"child:{child}"


def of_contact(contact: UUID) -> str:
    """The number of a contact is sealed under this scope."""
    return f"contact:{contact}"


def of_institution(institution: UUID) -> str:
    """The name and address of an institution, and what staff write about it."""
    return f"institution:{institution}"
