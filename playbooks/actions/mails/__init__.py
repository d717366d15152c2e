"""How does an e-mail step reach its contacts: once, and only those who want it?"""

from playbooks.actions.mails.choices import change_mail_settings, resubscribe, unsubscribe
from playbooks.actions.mails.sending import NotReached, deliver_mail, send_again
from playbooks.actions.mails.writing import send_automatic_mails, send_step_mails

__all__ = [
    "NotReached",
    "change_mail_settings",
    "deliver_mail",
    "resubscribe",
    "send_again",
    "send_automatic_mails",
    "send_step_mails",
    "unsubscribe",
]
