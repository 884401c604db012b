"""What `manage.py check --deploy` asks besides Django's own questions."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core import checks

CSP_MIDDLEWARE = "lms.middleware.ContentPolicy"


@checks.register(checks.Tags.security, deploy=True)
def policy_is_sent(app_configs: Sequence[Any] | None, **kwargs: Any) -> Iterable[checks.Error]:
    if CSP_MIDDLEWARE not in settings.MIDDLEWARE:
        yield checks.Error(
            "No content security policy is sent.",
            hint=f"Put {CSP_MIDDLEWARE} into MIDDLEWARE.",
            id="lms.E001",
        )


@checks.register(checks.Tags.security, deploy=True)
def policy_is_strict(app_configs: Sequence[Any] | None, **kwargs: Any) -> Iterable[checks.Error]:
    directives = getattr(settings, "CONTENT_SECURITY_POLICY", {}).get("DIRECTIVES", {})
    unsafe = [
        name
        for name, sources in directives.items()
        if any(source.startswith("'unsafe-") or source == "*" for source in sources)
    ]
    if directives.get("default-src") != ["'none'"] or unsafe:
        yield checks.Error(
            "The content security policy lets in more than it must.",
            hint="default-src is 'none', and no directive holds 'unsafe-…' or *.",
            id="lms.E002",
        )


@checks.register(checks.Tags.security, deploy=True)
def hosts_are_named(app_configs: Sequence[Any] | None, **kwargs: Any) -> Iterable[checks.Error]:
    if "*" in settings.ALLOWED_HOSTS:
        yield checks.Error(
            "Any host name is answered.", hint="Name the hosts in WAYMARK_ALLOWED_HOSTS.", id="lms.E003"
        )


@checks.register(checks.Tags.security, deploy=True)
def passwords_are_kept_with_argon2(
    app_configs: Sequence[Any] | None, **kwargs: Any
) -> Iterable[checks.Error]:
    if settings.PASSWORD_HASHERS[:1] != ["lms.passwords.Argon2"]:
        yield checks.Error(
            "New passwords are not kept with Argon2.",
            hint="Put lms.passwords.Argon2 first in PASSWORD_HASHERS.",
            id="lms.E004",
        )


@checks.register(checks.Tags.security, deploy=True)
def cache_is_shared(app_configs: Sequence[Any] | None, **kwargs: Any) -> Iterable[checks.Error]:
    if settings.CACHES["default"]["BACKEND"] != "lms.cache.RedisOrNothing":
        yield checks.Error(
            "Processes do not share the cache, so limits on signing in count in each of them alone.",
            hint="Use lms.cache.RedisOrNothing with REDIS_URL.",
            id="lms.E005",
        )


@checks.register(checks.Tags.security, deploy=True)
def cookies_belong_to_this_host(app_configs: Sequence[Any] | None, **kwargs: Any) -> Iterable[checks.Error]:
    names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
    if not all(name.startswith("__Host-") for name in names):
        yield checks.Error(
            "A neighbouring host could set our cookies.",
            hint="Both cookies' names start with __Host-, which needs https in WAYMARK_SITE_URL.",
            id="lms.E006",
        )


@checks.register(checks.Tags.security, deploy=True)
def mail_travels_encrypted(app_configs: Sequence[Any] | None, **kwargs: Any) -> Iterable[checks.Error]:
    by_smtp = "smtp" in settings.EMAIL_BACKEND
    if by_smtp and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL) and settings.EMAIL_HOST_PASSWORD:
        yield checks.Error(
            "The mail server's password travels in the clear.",
            hint="Start WAYMARK_EMAIL_URL with submission:// or smtps://.",
            id="lms.E007",
        )
