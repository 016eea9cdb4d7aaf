"""The web server's entrance."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "memoryhub.settings")

from memoryhub import celery  # noqa: F401 - tasks are sent through our application

application = get_wsgi_application()
