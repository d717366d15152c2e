"""What does a person fill in about somebody who may speak for us?"""

from advocacy.forms.advocates import (
    AdvocateForm,
    AskForm,
)

__all__ = [
    "AdvocateForm",
    "AskForm",
]
