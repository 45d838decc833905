# The controller's image. `docker build .` needs no arguments: the defaults of both bases are tags. Releases name digests that
# were checked, as docs/releasing.md shows. NODE_BASE builds, and has Node 24 and npm. BASE is what the image stands
# on, and has the C and C++ libraries of glibc 2.28 or newer and no shell.
ARG NODE_BASE=docker.io/library/node:24-bookworm-slim
ARG BASE=gcr.io/distroless/cc-debian12:latest

# Nothing of this stage is in the image but the file tree it makes, so it runs on the machine that builds.
FROM --platform=$BUILDPLATFORM ${NODE_BASE} AS build
ARG TARGETARCH
WORKDIR /build
COPY . .
RUN npm ci && npm run build:image-root -- "$TARGETARCH"

FROM ${BASE}
ARG TARGETARCH
ARG VERSION
ARG REVISION
ARG CREATED
ARG SOURCE
LABEL org.opencontainers.image.title="sealed-secrets-controller" \
      org.opencontainers.image.description="Turns SealedSecrets, which are safe to keep in Git, into Secrets" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}"
# All files are root's: the user below can change none, and cannot read its own program (build/image-root.ts says why).
COPY --from=build --chown=0:0 /build/dist/image/${TARGETARCH}/ /
ENV PATH="/usr/local/bin:/usr/bin:/bin"
# The first line of the program has room for one flag only; controller/bin.ts says what this one is for.
ENV NODE_OPTIONS="--max-semi-space-size=1"
USER 1001:1001
EXPOSE 8080 8081
ENTRYPOINT ["controller"]
