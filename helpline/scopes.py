"""Which key seals what."""

from uuid import UUID


def of_conversation(conversation: UUID) -> str:
    """Every word of a conversation, and of staff about it, is sealed under this scope."""
    return f"conversation:{conversation}"
