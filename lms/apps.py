from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.utils.translation import gettext_lazy as _

from lms import checks

__all__ = ["LmsConfig", "StaticFiles", "checks"]  # importing the checks registers them


class LmsConfig(AppConfig):
    name = "lms"
    verbose_name = _("Waymark")
    default = True


class StaticFiles(StaticFilesConfig):
    """Leaves out two of the three API viewers that come with drf-spectacular; one asks another host for fonts."""

    default = False
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "redoc", "elements"]
