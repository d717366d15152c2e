"""How are the apps wired together? Loading this makes the Celery app, so that tasks are bound to it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
