# Stages and the context may ask to be looked through as well.
ARG BUILDKIT_SBOM_SCAN_CONTEXT=true
FROM busybox AS build
ARG BUILDKIT_SBOM_SCAN_STAGE=true
RUN make
FROM scratch
COPY --from=build /made /
