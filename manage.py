#!/usr/bin/env python
"""Django's command line, with the embedded database running for as long as the command."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured

from memoryhub.embedded.command import database_for
from memoryhub.embedded.layout import LauncherError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "memoryhub.settings")
    from django.core.management import execute_from_command_line

    from memoryhub import celery  # noqa: F401 - what a command leaves to workers goes to our broker

    try:
        with database_for(sys.argv):
            execute_from_command_line(sys.argv)
    except (LauncherError, ImproperlyConfigured) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
