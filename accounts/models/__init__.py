"""What is known of the people who sign in and of every customer?"""

from accounts.models.account import (
    Account,
    AccountShare,
    CustomField,
    Product,
    ServiceAssignment,
    Tag,
)
from accounts.models.bulk import BulkRun
from accounts.models.churn import ChurnRecord
from accounts.models.contact import Contact
from accounts.models.goal import BusinessGoal, GoalMeasurement
from accounts.models.handoff import (
    Attachment,
    ExpectationGap,
    Handoff,
    HandoffVersion,
    ImplementationRecord,
    Promise,
)
from accounts.models.notification import Mail, Notification, NotificationChoice, Way
from accounts.models.organisation import Holiday, Organisation, RegionCalendar
from accounts.models.people import AuditEvent, SavedView, Team, User
from accounts.models.sign_in import SignIn
from accounts.models.timeline import TimelineEntry

__all__ = [
    "Account",
    "AccountShare",
    "Attachment",
    "AuditEvent",
    "BulkRun",
    "BusinessGoal",
    "ChurnRecord",
    "Contact",
    "CustomField",
    "ExpectationGap",
    "GoalMeasurement",
    "Handoff",
    "HandoffVersion",
    "Holiday",
    "ImplementationRecord",
    "Mail",
    "Notification",
    "NotificationChoice",
    "Organisation",
    "Product",
    "Promise",
    "RegionCalendar",
    "SavedView",
    "ServiceAssignment",
    "SignIn",
    "Tag",
    "Team",
    "TimelineEntry",
    "User",
    "Way",
]
