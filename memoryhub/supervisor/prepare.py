"""Brings the database up to date before anything serves, in a process that then ends."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import Error


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "memoryhub.settings")
    try:
        django.setup()
        _check_restored()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("first_run")
    except (CommandError, ImproperlyConfigured) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except Error as error:
        sys.stderr.write(f"The database cannot be used: {str(error).splitlines()[0]}\n")
        return 1
    return 0


def _check_restored() -> None:
    from apps.operations.domain.restoring import check_restored  # needs the applications

    check_restored()


if __name__ == "__main__":
    sys.exit(main())
