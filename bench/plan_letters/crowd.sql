-- A big house: %(people)s enrollments as they stand at %(now)s, one in a hundred of them due for some letter.
-- Of a hundred people 60 are long gone, 20 stay away and have had their letters, 19 are here, one (place 99) is due.
-- Rows of one person share her number. Whatever was planned until now stands in the ledger.

SET session_replication_role = replica;

SET synchronous_commit = off;

SET statement_timeout = 0;

SET maintenance_work_mem = '512MB';

-- Indexes of the large tables are built once, when all rows are there.
CREATE TEMPORARY TABLE big AS
SELECT c.oid FROM pg_class c
 WHERE c.relname IN ('accounts_user', 'account_emailaddress', 'reminders_letterwishes', 'accounts_activeday',
                     'progress_enrollment', 'progress_standingrow', 'progress_planversion', 'progress_plannedstage',
                     'progress_stagepass', 'quizzes_card', 'quizzes_attempt', 'quizzes_grading', 'progress_submission',
                     'progress_submissionversion', 'reminders_letter');

UPDATE pg_index SET indisready = false, indisvalid = false WHERE indrelid IN (SELECT oid FROM big);

UPDATE roadmap_edition
   SET published_at = %(now)s::timestamptz - CASE WHEN number = 1 THEN interval '700 days' ELSE interval '3 hours' END;

UPDATE quizzes_quizversion
   SET published_at = %(now)s::timestamptz - CASE WHEN number = 1 THEN interval '700 days' ELSE interval '3 hours' END;

CREATE TEMPORARY TABLE crowd AS
WITH numbered AS (
    SELECT n, mod(n, 100) AS place, CASE WHEN mod(n, 100) = 99 THEN mod(n / 100, 20) END AS due,
           (%(now)s::timestamptz AT TIME ZONE 'UTC')::date AS today
      FROM generate_series(1, %(people)s) n
), placed AS (
    SELECT n, place, due, today,
           CASE WHEN mod(n, 1000) = 7 THEN 'ai-engineer' WHEN mod(n, 2) = 0 THEN 'machine-learning'
                ELSE 'data-scientist' END AS road,
           today - CASE WHEN place < 60 THEN 100 + mod(n, 500)
                        WHEN place < 80 THEN (ARRAY[4, 9, 10, 16, 18, 20, 22, 24, 30, 32, 34, 38])[1 + mod(n / 100, 12)]
                        WHEN due BETWEEN 0 AND 5 THEN (ARRAY[3, 7, 14])[1 + mod(n / 2000, 3)]
                        WHEN due = 18 THEN 10
                        ELSE mod(n, 2) END AS last_on,
           mod(n, 2) = 0 OR due BETWEEN 6 AND 10 AS has_plan
      FROM numbered
)
SELECT placed.*, n + 1000 AS id, road.id AS road_id, edition.id AS edition_id,
       (last_on - CASE WHEN due BETWEEN 6 AND 8 THEN (ARRAY[23, 29])[1 + mod(n / 2000, 2)] + mod(n, 2) * -1
                       WHEN due BETWEEN 9 AND 10 THEN (ARRAY[32, 44])[1 + mod(n / 2000, 2)] + mod(n, 2) * -1
                       ELSE 40 + mod(n / 100, 60) END) AS began_on
  FROM placed JOIN roadmap_roadmap road ON road.key = placed.road
  JOIN roadmap_edition edition ON edition.roadmap_id = road.id AND edition.number = 1;

ALTER TABLE crowd ADD PRIMARY KEY (n);

ANALYZE crowd;

INSERT INTO accounts_user
       (id, password, is_superuser, email, name, time_zone, language, is_staff, is_active, date_joined)
SELECT id, '!', false, 'learner-' || n || '@example.org', 'Learner ' || n,
       (ARRAY['UTC', 'Europe/Paris', 'Europe/Berlin', 'Europe/Madrid', 'Europe/Rome', 'Europe/London', 'Europe/Warsaw',
              'America/New_York', 'America/Chicago', 'America/Los_Angeles', 'America/Sao_Paulo', 'America/Bogota',
              'Africa/Lagos', 'Africa/Cairo', 'Africa/Nairobi', 'Asia/Kolkata', 'Asia/Tokyo', 'Asia/Jakarta',
              'Asia/Karachi', 'Australia/Sydney'])[1 + mod(n / 7, 20)],
       'en', false, true, began_on::timestamptz
  FROM crowd ORDER BY n;

INSERT INTO account_emailaddress (email, verified, "primary", user_id)
SELECT 'learner-' || n || '@example.org', true, true, id FROM crowd ORDER BY n;

INSERT INTO reminders_suppression
       (address, why, said, refusals, first_seen_at, since, lifted_because, person_id)
SELECT 'learner-' || n || '@example.org', 'bounced', '550 5.1.1', 1, %(now)s, %(now)s, '', id
  FROM crowd WHERE mod(n, 1000) = 3;

-- Six in ten have opened their settings; some of them stopped a kind, chose a weekday or a number of days.
INSERT INTO reminders_letterwishes (person_id, stopped_kinds, weekdays, quiet_days, secret, digest_weekday)
SELECT id, CASE WHEN mod(n, 50) = 4 THEN '["*"]' WHEN mod(n, 20) = 8 THEN '["quiet"]' ELSE '[]' END::jsonb,
       '[1, 2, 3, 4, 5, 6, 7]', CASE WHEN place BETWEEN 80 AND 85 THEN 5 END, 'bench-' || n,
       CASE WHEN mod(n, 10) = 2 THEN 1 + mod(n / 10, 7) ELSE 1 END
  FROM crowd WHERE mod(n, 10) < 6 ORDER BY n;

-- Who is gone had up to five days, others four to nineteen; one in ten studies once a week only.
INSERT INTO accounts_activeday (person_id, "on")
SELECT id, last_on - step * CASE WHEN mod(n, 10) = 5 THEN 7 ELSE 1 END
  FROM crowd CROSS JOIN LATERAL generate_series(0, CASE WHEN place < 60 THEN mod(n, 5) ELSE 3 + mod(n, 16) END) step ORDER BY n, step;

INSERT INTO accounts_pause (person_id, starts_on, ends_on)
SELECT id, CASE WHEN place < 80 THEN last_on - 30 WHEN place = 85 THEN today - 4 WHEN place = 86 THEN last_on - 40
                ELSE today - 8 END,
       CASE WHEN place < 80 THEN last_on - 20 WHEN place = 85 THEN today + 5 WHEN place = 86 THEN last_on - 30
            ELSE today END
  FROM crowd WHERE mod(n, 20) = 0 OR place IN (85, 86) OR due = 18;

INSERT INTO progress_cohort (id, title, starts_on, hours_per_week, roadmap_id)
SELECT number, 'Cohort ' || number, %(now)s::date - 60, 10, (SELECT id FROM roadmap_roadmap WHERE key = 'machine-learning')
  FROM generate_series(1, greatest(%(people)s / 1000, 1)) number;

INSERT INTO progress_enrollment
       (id, background, enrolled_at, left_at, finished_at, person_id, roadmap_id, started_edition_id, cohort_id)
SELECT id, 'engineer', began_on::timestamptz,
       CASE WHEN mod(n, 40) = 10 THEN last_on::timestamptz END, CASE WHEN mod(n, 40) = 30 THEN last_on::timestamptz END,
       id, road_id, edition_id, CASE WHEN mod(n, 1000) BETWEEN 500 AND 599 THEN n / 1000 + 1 END
  FROM crowd ORDER BY n;

INSERT INTO progress_standingrow
       (enrollment_id, stages_passed, stages_total, core_ticked, core_total, evidence_accepted, evidence_total,
        is_finished, last_active_on, settled_at, current_stage_id)
SELECT id, 1, 4, 12, 40, 0, 3, mod(n, 40) = 30, last_on, %(now)s,
       (SELECT min(s.id) FROM roadmap_stage s WHERE s.roadmap_id = road_id)
  FROM crowd ORDER BY n;

INSERT INTO progress_planversion (id, number, hours_per_week, starts_on, made_at, edition_id, enrollment_id)
SELECT id, 1, 10, began_on, began_on::timestamptz, edition_id, id FROM crowd WHERE has_plan ORDER BY n;

CREATE TEMPORARY TABLE planned AS
SELECT crowd.id, crowd.place, crowd.due, today, stage.id AS stage_id, crowd.edition_id, place_of.number,
       began_on + 30 * place_of.number::integer AS due_on
  FROM crowd JOIN roadmap_stage stage ON stage.roadmap_id = road_id AND stage.archived_at IS NULL
 CROSS JOIN LATERAL (SELECT count(*) AS number FROM roadmap_stage before
                      WHERE before.roadmap_id = stage.roadmap_id AND before.position <= stage.position) place_of
 WHERE has_plan;

INSERT INTO progress_plannedstage (starts_on, due_on, stage_id, plan_id)
SELECT due_on - 30, due_on, stage_id, id FROM planned ORDER BY id, number;

-- Who is here keeps to the plan.
INSERT INTO progress_stagepass (passed_at, edition_id, person_id, stage_id, source)
SELECT due_on::timestamptz, edition_id, id, stage_id, 'walked'
  FROM planned WHERE place BETWEEN 80 AND 99 AND due_on <= today AND (due IS NULL OR due NOT BETWEEN 6 AND 10)
 ORDER BY id;

-- Cards: one in five who are here keeps hers in order, some who are gone left a pile, some who are due have one now.
INSERT INTO quizzes_card
       (slot, asked_at, was_missed, is_veiled, phase, stability, difficulty, reviewed_on, reviewed_at, due_on, turn,
        person_id, question_id, source_id, version_id)
SELECT 1, last_on::timestamptz, true, false, 2, 3, 5, last_on, last_on::timestamptz,
       CASE WHEN place >= 80 AND place < 99 THEN today + 3 + number::integer ELSE last_on + 1 - mod(n, 2) END, 1, crowd.id,
       question.id, crowd.id, version.id
  FROM crowd
 CROSS JOIN (SELECT id, row_number() OVER (ORDER BY id) AS number FROM quizzes_question ORDER BY id LIMIT 15) question
  JOIN LATERAL (SELECT min(v.id) AS id FROM quizzes_questionversion v WHERE v.question_id = question.id) version ON true
 WHERE place BETWEEN 80 AND 98 AND mod(n, 5) = 0 OR place < 60 AND mod(n, 10) = 0 OR due BETWEEN 11 AND 13
 ORDER BY n;

-- Attempts: whoever was here in the last weeks has finished one; some are under way, of some a text waits for its mark.
INSERT INTO quizzes_attempt
       (id, number, paper, pass_percent, started_at, deadline_at, closes_at, epoch, finished_at, points,
        points_possible, is_passed, receipt, person_id, quiz_id, quiz_version_id, seen_grading)
SELECT crowd.id, 1, '[]', 80, %(now)s::timestamptz - length.days * interval '1 day',
       %(now)s::timestamptz + length.ahead, %(now)s::timestamptz + length.ahead + interval '1 minute', 1,
       CASE WHEN length.is_over THEN last_on::timestamptz END, CASE WHEN length.is_over THEN 8 END, 10,
       CASE WHEN length.is_over AND mod(n, 200) <> 82 THEN true END, CASE WHEN length.is_over THEN 'x' ELSE '' END,
       crowd.id, quiz.id, quiz.current_version_id, 1
  FROM crowd
  JOIN LATERAL (SELECT id, current_version_id FROM quizzes_quiz q WHERE q.roadmap_id = road_id
                 ORDER BY id LIMIT 1) quiz ON true
 CROSS JOIN LATERAL (SELECT due IS DISTINCT FROM 17 AND mod(n, 500) <> 181 AS is_over,
                            CASE WHEN due = 17 THEN 4 ELSE 10 END AS days,
                            CASE WHEN due = 17 THEN interval '20 hours' ELSE interval '10 days' END AS ahead) length
 WHERE place >= 60 ORDER BY n;

INSERT INTO quizzes_grading (number, marks, points, graded_at, reason, attempt_id, kind)
SELECT 1, '{}', 8, last_on::timestamptz, '', id, 'marked' FROM crowd
 WHERE place >= 60 AND due IS DISTINCT FROM 17 AND mod(n, 500) <> 181 ORDER BY n;

INSERT INTO quizzes_grading (number, marks, points, graded_at, reason, attempt_id, kind)
SELECT 2, '{}', 9, %(now)s::timestamptz - interval '30 minutes', '', id, 'by_mentor' FROM crowd WHERE due = 16;

INSERT INTO quizzes_appeal (slot, text, raised_at, state, answer, tells_authors, attempt_id, question_id)
SELECT 1, 'I gave a reason.', %(now)s::timestamptz - mod(n / 400, 110) * interval '1 hour', 'open', '', false, id,
       (SELECT min(v.id) FROM quizzes_questionversion v)
  FROM crowd WHERE mod(n, 400) = 84 ORDER BY n;

-- Evidence: accepted and seen, but for what waits, was sent back or was answered just now.
CREATE TEMPORARY TABLE handed AS
SELECT crowd.*, task.id AS task_id,
       CASE WHEN mod(n, 200) = 80 THEN 'waiting' WHEN due = 14 THEN 'changes_requested' ELSE 'accepted' END AS state,
       CASE WHEN mod(n, 200) = 80 THEN %(now)s::timestamptz - mod(n / 200, 110) * interval '1 hour'
            WHEN due = 14 THEN %(now)s::timestamptz - (ARRAY[4, 14])[1 + mod(n / 2000, 2)] * interval '1 day'
            WHEN due = 15 THEN %(now)s::timestamptz - interval '20 minutes'
            ELSE last_on::timestamptz END AS since
  FROM crowd
  JOIN LATERAL (SELECT id FROM roadmap_evidencetask t WHERE t.roadmap_id = road_id ORDER BY id LIMIT 1) task ON true
 WHERE mod(n, 4) = 0 OR due IN (14, 15);

INSERT INTO progress_submission (id, state, state_since, answer_by, feedback_seen_at, person_id, task_id)
SELECT id, state, since, CASE WHEN state = 'waiting' THEN since + interval '5 days' END,
       CASE WHEN state <> 'waiting' AND due IS DISTINCT FROM 15 THEN since END, id, task_id FROM handed ORDER BY n;

INSERT INTO progress_submissionversion
       (number, kind, link, text, file, file_name, file_digest, note, handed_in_at, edition_id, submission_id)
SELECT 1, 'link', 'https://example.org/work', '', '', '', '', '', since - interval '1 hour', edition_id, id
  FROM handed ORDER BY n;

-- Mentors: one for five hundred people has a hundred of them by name, one for two thousand a cohort of a hundred.
INSERT INTO accounts_user
       (id, password, is_superuser, email, name, time_zone, language, is_staff, is_active, date_joined)
SELECT 100000000 + m, '!', false, 'mentor-' || m || '@example.org', 'Mentor ' || m, 'Europe/Paris', 'en', false, true,
       %(now)s::timestamptz - interval '700 days'
  FROM generate_series(0, %(people)s / 500) m;

INSERT INTO account_emailaddress (email, verified, "primary", user_id)
SELECT email, true, true, id FROM accounts_user WHERE id >= 100000000;

INSERT INTO auth_group (name) VALUES ('mentor') ON CONFLICT DO NOTHING;

INSERT INTO accounts_user_groups (user_id, group_id)
SELECT u.id, g.id FROM accounts_user u JOIN auth_group g ON g.name = 'mentor' WHERE u.id >= 100000000;

INSERT INTO mentoring_mentorship (began_at, mentor_id, learner_id)
SELECT %(now)s::timestamptz - interval '300 days', 100000000 + n / 500, id FROM crowd WHERE mod(n, 500) < 100;

INSERT INTO mentoring_mentorship (began_at, mentor_id, cohort_id)
SELECT %(now)s::timestamptz - interval '300 days', 100000000 + 2 * (id - 1), id
  FROM progress_cohort WHERE 2 * (id - 1) <= %(people)s / 500;

-- The ledger: what was sent until now.
CREATE TEMPORARY TABLE told (person bigint, kind text, occurrence text, facts jsonb, at timestamptz, until timestamptz);

INSERT INTO told
SELECT id, 'week', to_char(%(now)s::timestamptz - ago * interval '7 days', 'IYYY"-W"IW'), '{}',
       date_trunc('week', %(now)s::timestamptz) - ago * interval '7 days' + interval '9 hours',
       date_trunc('week', %(now)s::timestamptz) - ago * interval '7 days' + interval '3 days'
  FROM crowd CROSS JOIN generate_series(0, 1) ago
 WHERE place >= 60 AND last_on > today - 28 AND due IS DISTINCT FROM 19;

INSERT INTO told
SELECT id, 'mentor_week', to_char(%(now)s::timestamptz - ago * interval '7 days', 'IYYY"-W"IW'), '{}',
       date_trunc('week', %(now)s::timestamptz) - ago * interval '7 days' + interval '9 hours',
       date_trunc('week', %(now)s::timestamptz) - ago * interval '7 days' + interval '3 days'
  FROM accounts_user CROSS JOIN generate_series(0, 1) ago WHERE id >= 100000000 AND mod(id, 50) <> 1;

INSERT INTO told
SELECT id, 'quiet', 'quiet-since-' || last_on || '/' || step.days || 'd',
       jsonb_build_object('since', last_on, 'days', step.days, 'is_last', step.next IS NULL, 'next', step.next,
                          'chosen', NULL),
       (last_on + step.days)::timestamptz + interval '9 hours', (last_on + step.days + 10)::timestamptz
  FROM crowd
  JOIN LATERAL (SELECT * FROM (VALUES (28, NULL), (14, 28), (7, 14), (3, 7)) s (days, next)
                 WHERE s.days <= today - last_on LIMIT 1) step ON true
 WHERE place BETWEEN 60 AND 79;

-- Mentors know of those who stay away after the last letter, but for one mentor in 38.
INSERT INTO told
SELECT mentor.id, 'mentee_quiet', 'learner-' || crowd.id || '/quiet-since-' || last_on,
       jsonb_build_object('learner', crowd.id, 'since', last_on),
       (last_on + 30)::timestamptz + interval '9 hours', (last_on + 44)::timestamptz
  FROM crowd
  JOIN LATERAL (SELECT 100000000 + n / 500 AS id WHERE mod(n, 500) < 100
                UNION ALL SELECT 100000000 + 2 * (n / 1000) WHERE mod(n, 1000) BETWEEN 500 AND 599) mentor ON true
 WHERE place BETWEEN 60 AND 79 AND last_on <= today - 30 AND mod(n / 500, 38) <> 1;

INSERT INTO told
SELECT id, 'stage_due', 'stage-' || stage_id || '/due-' || due_on || '/' || step.name, '{}',
       (due_on - step.days)::timestamptz + interval '9 hours', (due_on - step.days + 2)::timestamptz
  FROM planned CROSS JOIN (VALUES ('7d', 7), ('1d', 1)) step (name, days)
 WHERE place BETWEEN 80 AND 98 AND due_on BETWEEN today - 30 AND today + step.days + 2;

INSERT INTO told
SELECT id, 'stage_overdue', 'stage-' || stage_id || '/due-' || due_on || '/' || step.name, '{}',
       (due_on + step.days)::timestamptz + interval '9 hours', (due_on + step.days + 7)::timestamptz
  FROM planned CROSS JOIN (VALUES ('2d-after', 2), ('14d-after', 14)) step (name, days)
 WHERE place BETWEEN 0 AND 79 AND due_on BETWEEN today - 25 AND today + 2 - step.days;

INSERT INTO reminders_letter
       (id, kind, occurrence, facts, planned_at, due_at, expires_at, state, reason, tries, sent_at, shown_at,
        recipient_id, said)
SELECT gen_random_uuid(), kind, occurrence, facts, at - interval '1 day', at, until, 'sent', '', 1, at, at, person,
       jsonb_build_object('subject', 'Machine Learning: go on with Linear algebra', 'link', '/roads/machine-learning',
         'lead', 'Hello Learner, there has been no day of study since 3 November. Everything is where you left it.',
         'kicker', 'Go on here', 'step', 'Linear algebra', 'why', 'You get this after 7 days without study.',
         'preheader', 'Everything is where you left it on 3 November.', 'standing', '1 of 4 stages passed')
  FROM told ORDER BY at;

SELECT setval(pg_get_serial_sequence('accounts_user', 'id'), 200000000);

SELECT setval(pg_get_serial_sequence('progress_enrollment', 'id'), 200000000);

SELECT setval(pg_get_serial_sequence('progress_planversion', 'id'), 200000000);

SELECT setval(pg_get_serial_sequence('progress_submission', 'id'), 200000000);

SELECT setval(pg_get_serial_sequence('quizzes_attempt', 'id'), 200000000);

SELECT setval(pg_get_serial_sequence('progress_cohort', 'id'), 200000000);

DO $$
DECLARE one regclass;
BEGIN
    FOR one IN SELECT oid FROM big LOOP EXECUTE format('REINDEX TABLE %%s', one); END LOOP;
END $$
