"""Which columns does a list have, and what does a click on the head of one ask for?"""

from dataclasses import dataclass, replace

from django.utils.functional import Promise


@dataclass(frozen=True)
class Column:
    """One column: `sort` is the key of the address, `first` the direction of the first click."""

    name: str
    label: str | Promise
    sort: str = ""
    align: str = "start"
    first: str = "up"
    hide_label: bool = False

    def in_words(self) -> "Column":
        """The same with its label in the language of the request, translated once for all cells."""
        return replace(self, label=str(self.label))

    def next_sort(self, current: str) -> str:
        """Say what a click asks for: the first direction, then the other.

        >>> Column("arr", "ARR", sort="arr", first="down").next_sort("name")
        '-arr'
        >>> Column("arr", "ARR", sort="arr", first="down").next_sort("-arr")
        'arr'
        """
        up, down = self.sort, f"-{self.sort}"
        if current == up:
            return down
        if current == down:
            return up
        return up if self.first == "up" else down
