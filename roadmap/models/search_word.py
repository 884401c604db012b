from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from roadmap.folding import fold
from roadmap.nearness import LONGEST, SHORTEST, left_out, nearest

MOST_NEAR = 400  # words that are compared letter by letter
CHUNK = 2000

# Rows are taken in the order of words, so that two publications never wait for each other crosswise.
_TAKE = "SELECT word FROM roadmap_searchword WHERE word = ANY (%s) ORDER BY word FOR NO KEY UPDATE"
_COUNT = """
UPDATE roadmap_searchword said SET entries = said.entries + changed.by
  FROM (SELECT unnest(%s::text[]) AS word, unnest(%s::integer[]) AS by) changed WHERE said.word = changed.word
"""
_WRITE = """
INSERT INTO roadmap_searchword (word, entries, left_out)
SELECT word, by, left_out::integer[]
  FROM (SELECT unnest(%s::text[]) AS word, unnest(%s::integer[]) AS by, unnest(%s::text[]) AS left_out) new
 ORDER BY word
ON CONFLICT (word) DO UPDATE SET entries = roadmap_searchword.entries + excluded.entries
"""
_NEAR = """
SELECT word, entries FROM roadmap_searchword WHERE left_out && %s::integer[] AND entries > 0
 ORDER BY abs(length(word) - %s), entries DESC LIMIT %s
"""


class SearchWordQuerySet(models.QuerySet["SearchWord"]):
    def change(self, more: Counter[str], fewer: Counter[str]) -> None:
        """Count words of new entries in and words of old ones out."""
        by = {word: more[word] - fewer[word] for word in more.keys() | fewer.keys()}
        changed = sorted(word for word in by if by[word])
        with connection.cursor() as cursor:
            for first in range(0, len(changed), CHUNK):
                chunk = changed[first : first + CHUNK]
                cursor.execute(_TAKE, [chunk])
                known = {word for (word,) in cursor.fetchall()}
                cursor.execute(_COUNT, [sorted(known), [by[word] for word in sorted(known)]])
                new = [word for word in chunk if word not in known]
                cursor.execute(_WRITE, [new, [by[word] for word in new], [_array(word) for word in new]])
        self.filter(entries__lte=0, word__in=[word for word in changed if by[word] < 0]).delete()

    def meant(self, words: Iterable[str]) -> dict[str, str]:
        """For words that nothing says: the near words that something says; one query a word."""
        asked = [word for word in words if SHORTEST <= len(word) <= LONGEST and not word.isdigit()]
        known = set(self.filter(word__in=asked).values_list("word", flat=True)) if asked else set()
        near = {word: nearest(word, self._near(word)) for word in asked if word not in known}
        return {word: other for word, other in near.items() if other}

    def _near(self, word: str) -> list[tuple[str, int]]:
        with connection.cursor() as cursor:
            cursor.execute(_NEAR, [sorted(left_out(word)), len(word), MOST_NEAR])
            return list(cursor.fetchall())


class SearchWord(models.Model):
    """One row is one word that published entries say, with the number of entries; for *did you mean*.

    Words of roads that are not public stand here too: a near word is only said to somebody who finds something by it.
    """

    word = models.CharField(max_length=LONGEST, primary_key=True)
    entries = models.IntegerField()
    left_out = ArrayField(
        models.IntegerField(), help_text=_("Numbers of the texts it gives with letters left out.")
    )

    objects = SearchWordQuerySet.as_manager()

    class Meta:
        verbose_name = _("search word")
        verbose_name_plural = _("search words")
        indexes = [GinIndex(fields=["left_out"], name="words_near_another", fastupdate=False)]

    def __str__(self) -> str:
        return self.word

    @staticmethod
    def count_in(texts: Iterable[str]) -> Counter[str]:
        """How many of the texts say each word that is worth a suggestion."""
        counted: Counter[str] = Counter()
        for text in texts:
            counted.update(
                word
                for word in set(fold(text).split())
                if SHORTEST <= len(word) <= LONGEST and not word[0].isdigit()
            )
        return counted


def _array(word: str) -> str:
    return f"{{{','.join(map(str, sorted(left_out(word))))}}}"
