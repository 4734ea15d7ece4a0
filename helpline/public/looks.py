"""Colours and letter size, chosen for the visit and kept in one short cookie. Pure."""

from dataclasses import dataclass, replace

COLOURS = ("cream", "blue", "dark")
SIZES = ("normal", "bigger", "biggest")


@dataclass(frozen=True, slots=True)
class Look:
    """How the pages look. ``colour`` None follows the device: cream by day, dark by night."""

    colour: str | None = None
    size: str = SIZES[0]

    def changed(self, wanted: str) -> "Look":
        """The look after one press; an unknown word changes nothing."""
        if wanted in COLOURS:
            return replace(self, colour=wanted)
        if wanted in SIZES:
            return replace(self, size=wanted)
        return self

    def written(self) -> str:
        """The cookie's value: the number of the colour (0 for the device's) and of the size."""
        colour = 0 if self.colour is None else COLOURS.index(self.colour) + 1
        return f"{colour}{SIZES.index(self.size)}"


def read(written: str | None) -> Look:
    """The look of a cookie's value. Whatever is not ours is the plain look."""
    for colour in (None, *COLOURS):
        for size in SIZES:
            look = Look(colour=colour, size=size)
            if look.written() == written:
                return look
    return Look()
