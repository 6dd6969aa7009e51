"""What can go wrong, said in the user's language: what, where, and what to do."""


class MotcuaError(Exception):
    """An act or a request that is refused, with a Vietnamese sentence for the person who asked.

    ``code`` is for machines and tests; ``field`` names the form field at fault, where there is one.
    """

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None):
        super().__init__(message)
        self.message = message
        if code:
            self.code = code
        self.field = field


class Invalid(MotcuaError):
    """The input is wrong; nothing was changed."""

    code = "invalid"


class NotAllowed(MotcuaError):
    """The asker has no duty for this on that day, or the thing lies outside the asker's units."""

    code = "not_allowed"


class IllegalAct(MotcuaError):
    """The act is not one this item's present state admits."""

    code = "illegal_act"


class Conflict(MotcuaError):
    """Somebody else was first: the item has moved on since it was read."""

    code = "conflict"


class NotFound(MotcuaError):
    """There is no such thing, or none the asker may see: the two are not told apart."""

    code = "not_found"
