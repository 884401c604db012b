"""Says a sentence of a plain module on a page, in the reader's language: `{{ row.effect|said }}`."""

from django import template

from accounts.words import said

register = template.Library()
register.filter("said", said)
