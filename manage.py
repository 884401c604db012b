#!/usr/bin/env python3
"""Waymark's command line: `manage.py up` runs everything, `manage.py help` lists the rest."""

import os
import sys

# These need no servers; every other command finds the running private ones or starts them for as long as it takes.
NEED_NO_SERVERS = {
    "help", "version", "check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "makemessages",
    "road_check", "spectacular", "startapp", "up", "--version", "--help", "-h",
}  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from environs import EnvError

    from lms.embedded import ServiceError
    from lms.places import PlaceError

    try:
        if not sys.argv[1:] or sys.argv[1] in NEED_NO_SERVERS:
            settings.EMBEDDED  # noqa: B018  # reads the settings, so that what is wrong with them is said below
            execute_from_command_line(sys.argv)
            return
        with settings.EMBEDDED.used(say=_say):
            execute_from_command_line(sys.argv)
    except (EnvError, ImproperlyConfigured, PlaceError, ServiceError) as trouble:
        sys.exit(f"{trouble}")


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)  # noqa: T201  # this is a command line


if __name__ == "__main__":
    main()
