"""A handed-in file: who gets it, and that no browser runs it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from progress.models import Submission, SubmissionVersion
from tests.cast import NOW, ada, enrolled, hand_in, ines, mentored, noor, opened, person, stranger, tomas

pytestmark = pytest.mark.django_db

CONTENT = b"<script>alert(1)</script>"


@pytest.fixture
def version(settings, tmp_path) -> SubmissionVersion:
    settings.MEDIA_ROOT = tmp_path
    enrollment = enrolled(ines())
    mentored(ines(), tomas())
    return Submission.objects.hand_in(
        enrollment,
        opened(enrollment),
        kind="file",
        file=SimpleUploadedFile('Bérg "view".txt', CONTENT, content_type="text/html"),
        now=NOW,
    )


def path(version: SubmissionVersion) -> str:
    return reverse("mentoring:file", args=[version.pk])


def read(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("who", [ines, tomas, ada])
def test_the_learner_her_mentor_and_an_admin_get_it(client, version, who):
    client.force_login(who())

    answer = client.get(path(version))

    assert answer.status_code == 200
    assert read(answer) == CONTENT


@pytest.mark.parametrize("who", [stranger, noor, lambda: person("Olga Other", "mentor")])
def test_nobody_else_gets_it(client, version, who):
    client.force_login(who())

    assert client.get(path(version)).status_code == 404


def test_somebody_not_signed_in_is_sent_to_sign_in(client, version):
    assert "/accounts/login/" in client.get(path(version))["Location"]


def test_it_is_kept_not_shown(client, version):
    client.force_login(ines())

    answer = client.get(path(version))
    read(answer)

    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "filename*=utf-8''B%C3%A9rg%20%22view%22.txt" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", ["../../etc/passwd.txt", "a\r\nSet-Cookie: x=1.txt", "<img src=x>.txt"])
def test_a_wicked_name_stays_a_name(client, settings, tmp_path, name):
    settings.MEDIA_ROOT = tmp_path
    enrollment = enrolled(ines())
    opened(enrollment)
    client.force_login(ines())
    page = "/roads/trail-test/evidence/ridge-report/"
    file = SimpleUploadedFile("x.txt", b"words")
    vars(file)["_name"] = name  # past the base name that the class keeps

    client.post(page, {"kind": "file", "file": file})

    version = SubmissionVersion.objects.filter(kind="file").first()
    if version is not None:
        answer = client.get(path(version))
        read(answer)
        assert "Set-Cookie" not in answer.headers
        assert "\n" not in answer["Content-Disposition"]
        assert ".." not in str(version.file.name)
    assert "<img src=x>" not in client.get(page).content.decode()
    stored = [found for found in tmp_path.rglob("*") if found.is_file()]
    assert all(tmp_path in found.parents for found in stored)


def test_a_file_name_with_markup_is_shown_as_a_name(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    enrollment = enrolled(ines())
    Submission.objects.hand_in(
        enrollment,
        opened(enrollment),
        kind="file",
        file=SimpleUploadedFile("<img src=x onerror=alert(1)>.txt", b"words"),
        now=NOW,
    )
    client.force_login(ines())

    page = client.get("/roads/trail-test/evidence/ridge-report/").content.decode()

    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_a_version_without_a_file_is_404(client):
    version = hand_in(enrolled(ines()))
    client.force_login(ines())

    assert client.get(path(version)).status_code == 404


def test_a_file_that_the_storage_lost_is_404(client, version):
    version.file.storage.delete(version.file.name)
    client.force_login(ines())

    assert client.get(path(version)).status_code == 404
