# The adviser as a container: an unprivileged user, state in /var/lib/advisor, everything else read-only.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.lock .
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock

FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /var/lib/advisor --create-home advisor
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY app.py service.py wiring.py ./
COPY adapters adapters
COPY bot bot
COPY config config
COPY rag rag
COPY demo demo
ENV ADVISOR_HOME=/var/lib/advisor PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER advisor
VOLUME /var/lib/advisor
EXPOSE 3978
HEALTHCHECK CMD [".venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:3978/healthz', timeout=3)"]
CMD [".venv/bin/python", "app.py", "serve", "--host", "0.0.0.0", "--ingest"]
