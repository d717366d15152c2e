"""What happens when a contact may speak for us, is asked for something, and answers?"""

from advocacy.actions.advocates import (
    Answer,
    Stage,
    add_advocate,
    advance_advocate,
    change_note,
    delete_advocate,
    delete_ask,
    record_answer,
    record_ask,
)

__all__ = [
    "Answer",
    "Stage",
    "add_advocate",
    "advance_advocate",
    "change_note",
    "delete_advocate",
    "delete_ask",
    "record_answer",
    "record_ask",
]
