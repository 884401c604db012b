from typing import Any

import dns.resolver
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import clock
from reminders.emails.doctor import examine, send_test_letter
from reminders.records import Finding, Grade, Names


class Command(BaseCommand):
    help = "Look whether letters can leave and arrive, and say what to mend. Sends nothing, unless --to is given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", metavar="ADDRESS", help="send one test letter there")
        parser.add_argument("--selector", default="", metavar="NAME", help="the name of the DKIM key")
        parser.add_argument(
            "--resolver", metavar="HOST[:PORT]", help="the DNS server to ask (default: this machine's)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = Names(_resolver(options["resolver"]))
        bad = [
            f for f in examine(clock.database_now(), names, options["selector"]) if self._say(f) == Grade.BAD
        ]
        if options["to"] and self._say(letter := send_test_letter(options["to"])) == Grade.BAD:
            bad.append(letter)
        if bad:
            raise CommandError(f"{len(bad)} to mend.")

    def _say(self, finding: Finding) -> Grade:
        self.stdout.write(f"{finding.grade:4}  {finding.about}: {finding.found}")
        if finding.remedy:
            self.stdout.write(f"      -> {finding.remedy}")
        return finding.grade


def _resolver(place: str | None) -> dns.resolver.Resolver | None:
    if not place:
        return None
    host, _colon, port = place.partition(":")
    made = dns.resolver.Resolver(configure=False)
    made.nameservers, made.port = [host], int(port or 53)
    return made
