import django.contrib.postgres.indexes
import django.db.models.fields.json
from django.conf import settings
from django.db import migrations, models

# Who is erased is named in no letter of others any longer. Deleting her locks her row before this looks for letters,
# and writing words that name her locks it too, so that neither passes the other by.
FORGET = """
CREATE FUNCTION waymark_forget_who_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE reminders_letter SET said = '{}' WHERE said ? 'names' AND said -> 'names' @> jsonb_build_array(OLD.id);
    RETURN NULL;
END $$;
CREATE TRIGGER forget_who_names AFTER DELETE ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION waymark_forget_who_names();
"""
NO_LONGER_FORGET = "DROP TRIGGER forget_who_names ON accounts_user; DROP FUNCTION waymark_forget_who_names();"

# A letter may have been written before somebody was erased whom it names, and have left after.
NAME_NOBODY_GONE = """
CREATE FUNCTION waymark_name_nobody_gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE here integer;
BEGIN
    PERFORM FROM accounts_user
      WHERE id IN (SELECT named.id::bigint FROM jsonb_array_elements_text(NEW.said -> 'names') AS named (id))
      ORDER BY id FOR KEY SHARE;
    GET DIAGNOSTICS here = ROW_COUNT;
    IF here < jsonb_array_length(NEW.said -> 'names') THEN NEW.said := '{}'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER name_nobody_gone BEFORE INSERT OR UPDATE OF said ON reminders_letter
    FOR EACH ROW WHEN (NEW.said ? 'names') EXECUTE FUNCTION waymark_name_nobody_gone();
"""
NAME_ANYBODY = """
DROP TRIGGER name_nobody_gone ON reminders_letter; DROP FUNCTION waymark_name_nobody_gone();
"""

# Letters of before: learners are known by where letters to their mentors lead; mentors by their names, among those who
# reviewed what the reader handed in or are her mentors.
NAMES = """
UPDATE reminders_letter letter SET said = letter.said || jsonb_build_object('names', named.people)
  FROM (
    SELECT found.id, jsonb_agg(DISTINCT found.person ORDER BY found.person) AS people
      FROM (
        SELECT l.id, coalesce(learner.id, submission.person_id, attempt.person_id, contested.person_id) AS person
          FROM reminders_letter l
         CROSS JOIN regexp_matches(
                 l.said::text, '"/(?:[a-z-]+/)*mentor/(learners|reviews|attempts|appeals)/(\\d{1,18})/', 'g'
               ) AS led (to_what)
          LEFT JOIN accounts_user learner
                 ON to_what[1] = 'learners' AND learner.id = to_what[2]::bigint
          LEFT JOIN progress_submission submission
                 ON to_what[1] = 'reviews' AND submission.id = to_what[2]::bigint
          LEFT JOIN quizzes_attempt attempt ON to_what[1] = 'attempts' AND attempt.id = to_what[2]::bigint
          LEFT JOIN quizzes_appeal appeal ON to_what[1] = 'appeals' AND appeal.id = to_what[2]::bigint
          LEFT JOIN quizzes_attempt contested ON contested.id = appeal.attempt_id
         WHERE l.kind IN ('mentee_quiet', 'evidence_waits', 'marking_waits', 'promise', 'mentor_week')
           AND l.said <> '{}'
        UNION
        SELECT l.id, mentor.id
          FROM reminders_letter l
          JOIN LATERAL (
            SELECT review.reviewer_id AS id
              FROM progress_submission s
              JOIN progress_submissionversion version ON version.submission_id = s.id
              JOIN mentoring_review review ON review.version_id = version.id
             WHERE s.person_id = l.recipient_id
            UNION
            SELECT own.mentor_id FROM mentoring_mentorship own WHERE own.learner_id = l.recipient_id
            UNION
            SELECT own.mentor_id FROM progress_enrollment e JOIN mentoring_mentorship own ON own.cohort_id = e.cohort_id
             WHERE e.person_id = l.recipient_id
          ) hers ON true
          JOIN accounts_user mentor ON mentor.id = hers.id
         WHERE l.kind IN ('feedback', 'changes_asked', 'week') AND l.said <> '{}'
           AND strpos(l.said::text, btrim(to_jsonb(coalesce(nullif(mentor.name, ''), mentor.email))::text, '"')) > 0
      ) found
     WHERE found.person IS NOT NULL
     GROUP BY found.id) named
 WHERE letter.id = named.id AND NOT letter.said ? 'names'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("mentoring", "0003_name_a_review_from_its_version"),
        ("progress", "0006_find_changes_asked_for_by_age"),
        ("quizzes", "0018_keep_practice_answers"),
        ("reminders", "0012_find_letters_held_back_for_now"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="letter",
            index=django.contrib.postgres.indexes.GinIndex(
                django.db.models.fields.json.KeyTransform("names", "said"),
                condition=models.Q(("said__has_key", "names")),
                name="letters_that_name_people",
            ),
        ),
        migrations.RunSQL(FORGET, NO_LONGER_FORGET),
        migrations.RunSQL(NAME_NOBODY_GONE, NAME_ANYBODY),
        migrations.RunSQL(NAMES, migrations.RunSQL.noop),
    ]
