"""What differs under test? Read before Django starts: a key and a folder of its own, quick passwords, plain files."""

import atexit
import os
import shutil
import tempfile

os.environ["SECRET_KEY"] = "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ"
if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="mainstay-tests-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)

from config.settings import *  # noqa: F403
from config.settings import BROKER_URL, CACHE_URL, CACHES

# Two test processes on one Redis stay out of each other's way: each has databases of its own.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
if CACHE_URL:
    for _cache in CACHES.values():
        _cache["LOCATION"] = CACHE_URL.replace("db=1", f"db={2 * _worker + 1}")
    BROKER_URL = CELERY_BROKER_URL = BROKER_URL.replace("virtual_host=0", f"virtual_host={2 * _worker}")

# Argon2 is slow on purpose; a test signs in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
