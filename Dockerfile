# The course's own image: every tool that a learner needs. From the root of the clone:
#
#     docker build --tag mlsd-workshop .
#     docker run --rm --interactive --tty --volume "$PWD:/workshop" mlsd-workshop
#
# It follows what task 3.1 teaches: a pinned base, versions and hashes from the lock, dependencies before sources, no root.
ARG BASE=python:3.11-slim-bookworm
FROM ${BASE}

RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory /workshop \
    && useradd --create-home learner

WORKDIR /workshop

COPY requirements.lock .
RUN pip install --no-cache-dir --no-deps --require-hashes --requirement requirements.lock

COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && chown learner .

USER learner
ENV DVC_NO_ANALYTICS=1

HEALTHCHECK --interval=5m --timeout=1m CMD ["mlsd", "doctor"]
CMD ["bash"]
