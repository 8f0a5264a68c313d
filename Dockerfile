# Both binaries of the command and the certificates of authorities, nothing else: no shell, no libraries, no cargo.
#
# Built by the release workflow: `cargo xtask image` makes the folders `root-amd64` and `root-arm64` of released binaries.
# `cargo xtask release` runs the command in such a root.
FROM scratch
ARG TARGETARCH
COPY root-${TARGETARCH}/ /
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/usr/bin/meshsynth"]
