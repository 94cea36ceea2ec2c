# The adviser as a container: wheels with hashes, an unprivileged user, state in /var/lib/advisor, everything else may be read-only.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.lock .
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements.lock

FROM python:3.11-slim
# libgomp1: what a library of the embedding models links to.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/advisor --create-home advisor
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY app.py service.py wiring.py upkeep.py dryrun.py ./
COPY adapters adapters
COPY bot bot
COPY config config
COPY rag rag
COPY demo/documents demo/documents
COPY demo/documents-direccion demo/documents-direccion
COPY demo/readings demo/readings
# Compiled here once: to compile all anew at each start, and in the process of each source, takes ten seconds.
RUN .venv/bin/python -m compileall -q *.py adapters bot config rag
ENV ADVISOR_HOME=/var/lib/advisor PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER advisor
VOLUME /var/lib/advisor
EXPOSE 3978
# The first start indexes before it listens: a long grace, then every half minute.
HEALTHCHECK --start-period=15m --interval=30s --timeout=5s \
    CMD [".venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:3978/healthz', timeout=3)"]
CMD [".venv/bin/python", "app.py", "serve", "--host", "0.0.0.0", "--ingest"]
