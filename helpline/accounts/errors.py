"""Why a request of the staff's face is turned away. `refusals.py` turns each into an answer."""


class SignInError(Exception):
    """The base of everything below."""


class NotSignedInError(SignInError):
    """Sign in first."""


class LockedError(SignInError):
    """The console is locked because it was not used for a while. Unlock it with your password."""


class NotAllowedError(SignInError):
    """Your role does not open this."""


class ForgedFormError(SignInError):
    """The form did not come from our own page, or that page is too old. Load it again."""


class UnreadableFormError(SignInError):
    """The form could not be read."""


class FormTooLargeError(SignInError):
    """The form is too large."""


class WrongAddressError(ValueError):
    """An e-mail address looks like name@place.example."""


class WrongNameError(ValueError):
    """A name has between 1 and 100 characters."""


class NobodyError(LookupError):
    """Nobody on the staff has this address."""
