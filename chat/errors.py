"""What can be wrong with a message, a conversation, a number or a table, each with its words."""


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


class NotANumberError(ChatError):
    """That is no telephone number that we can use. Write all its digits, as in 07700 900123."""


class UnusableTableError(ChatError):
    """A table of words, figures or rules that ships with the program is not usable."""


class MissingHourError(ChatError):
    """The text names the hour when a person reads it, and no such hour was given."""
