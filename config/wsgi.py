"""Where does the web server find Mainstay?"""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# Load the pages now instead of with the first request, and leave all that stands then out of later collections: a full
# one went through 200,000 objects that never go, and one answer of a large page in seven waited 150 ms for it.
get_resolver().url_patterns  # noqa: B018 -- asking for them loads them
gc.collect()
gc.freeze()
