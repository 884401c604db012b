from django.db import migrations

FUNCTION = """
CREATE FUNCTION waymark_keep_appeals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.attempt_id, NEW.slot, NEW.question_id, NEW.text, NEW.raised_at)
       IS DISTINCT FROM (OLD.attempt_id, OLD.slot, OLD.question_id, OLD.text, OLD.raised_at) THEN
        RAISE EXCEPTION 'what an appeal says does not change' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state <> 'open' AND (NEW.state, NEW.answer, NEW.answered_at)
       IS DISTINCT FROM (OLD.state, OLD.answer, OLD.answered_at) THEN
        RAISE EXCEPTION 'an appeal is answered once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_appeals BEFORE UPDATE ON quizzes_appeal
    FOR EACH ROW EXECUTE FUNCTION waymark_keep_appeals();
"""
AWAY = """
DROP TRIGGER keep_appeals ON quizzes_appeal;
DROP FUNCTION waymark_keep_appeals();
"""


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0013_appeals")]

    operations = [migrations.RunSQL(FUNCTION, AWAY)]
