#? platform linux/arm64
#? option platform=linux/arm64,linux/amd64
# The compiler runs on the platform of the worker, the result is for the one asked for.
FROM --platform=$BUILDPLATFORM golang AS build
ARG TARGETARCH
RUN GOARCH=$TARGETARCH go build -o /app
FROM scratch
COPY --from=build /app /
