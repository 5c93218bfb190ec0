# Tin3C in a container. UNTRIED: no Docker daemon was at hand when this was written; what could be tested without one is
# in tests/deploy. The CPU build of torch replaces the 5 GB of the locked one, which brings CUDA.
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /opt/tin3c
RUN python -m venv .venv
COPY requirements/bootstrap.lock requirements/runtime.lock requirements/
RUN .venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements/bootstrap.lock
# Everything from the lock with its hashes, but torch and what only its CUDA build needs.
RUN awk '/^[^ ]/ { skip = /^(torch|triton|nvidia-[a-z0-9-]+|cuda-[a-z0-9-]+)==/ } !skip' requirements/runtime.lock \
      > requirements/without-cuda.lock \
 && .venv/bin/uv pip install --no-cache --compile-bytecode --python .venv/bin/python --no-deps --require-hashes \
      -r requirements/without-cuda.lock
# torch alone: the locked version, its CPU build, over TLS but without a locked hash, since that build has another one.
RUN version=$(sed -n 's/^torch==\([^ ]*\).*/\1/p' requirements/runtime.lock) \
 && .venv/bin/uv pip install --no-cache --compile-bytecode --python .venv/bin/python --no-deps --torch-backend cpu \
      "torch==$version"
COPY pyproject.toml README.md LICENSE ./
COPY records records
COPY crawlers crawlers
COPY models models
COPY store store
COPY index index
COPY alerts alerts
COPY casework casework
COPY flows flows
COPY demo demo
COPY console console
RUN .venv/bin/uv pip install --no-cache --compile-bytecode --python .venv/bin/python --no-deps --no-build-isolation . \
 && .venv/bin/uv pip check --python .venv/bin/python

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 10001 tin3c \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin tin3c \
 && install -d -o tin3c -g tin3c -m 0700 /var/lib/tin3c
COPY --from=build /opt/tin3c/.venv /opt/tin3c/.venv
# Nothing but /var/lib/tin3c (a volume) and /tmp (a tmpfs) is ever written: the root file system may be read-only.
ENV PATH=/opt/tin3c/.venv/bin:/usr/local/bin:/usr/bin:/bin \
    TIN3C_HOME=/var/lib/tin3c \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /var/lib/tin3c
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=180s --retries=3 \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8033/readyz', timeout=8)"]
ENTRYPOINT ["tin3c"]
CMD ["up"]
