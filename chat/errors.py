"""What can be wrong with a message or a conversation, each with its words."""


class ChatError(Exception):
    """Something about this conversation cannot be done."""


class UnknownConversationError(ChatError):
    """There is no such conversation."""


class TooLongError(ChatError):
    """The text is longer than 10,000 characters."""


class EmptyTextError(ChatError):
    """There are no words in this message."""


class BadClientIdError(ChatError):
    """A client_id has 1 to 64 letters, digits, dashes or underscores."""


class DifferentTextError(ChatError):
    """A message with other words already has this client_id."""
