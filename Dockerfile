# One image for web, worker, beat and migrate: the command says which (docker-compose.yml).
FROM python:3.13-slim-trixie AS packages
RUN python -m venv /venv
COPY requirements.lock /
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r /requirements.lock

FROM python:3.13-slim-trixie
ENV PATH="/venv/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=lms.settings \
    WAYMARK_BIND=0.0.0.0 \
    WAYMARK_PORT=8000 \
    WAYMARK_VAR=/data \
    WAYMARK_STATIC_ROOT=/srv/static
RUN useradd --system --uid 10001 --create-home --home-dir /data waymark \
    && install --directory --owner=waymark /srv/static
COPY --from=packages /venv /venv
WORKDIR /srv/waymark
COPY --chown=root:root . .
# The address and key are for this step only: nothing of them is in the image's environment.
USER 10001
RUN WAYMARK_ENV=production \
    WAYMARK_SECRET_KEY=only-for-collecting-static-files-0123456789-abcdefghijkl \
    WAYMARK_SITE_URL=https://build.invalid \
    WAYMARK_EMAIL_URL=submission://build.invalid \
    DATABASE_URL=postgresql://build.invalid/build \
    REDIS_URL=redis://build.invalid/0 \
    python manage.py collectstatic --noinput --verbosity 0
ENV WAYMARK_ENV=production
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-m", "lms.probe"]
CMD ["gunicorn", "--config", "python:lms.web", "lms.wsgi"]
