ARG GO=1.22
# base the common ground
FROM golang:${GO}-alpine AS base
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
ENV CGO_ENABLED=0
ARG VERSION=dev

FROM base AS build
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod go build -o /out/app ./cmd/app

FROM base AS lint
RUN --mount=type=bind,target=. golangci-lint run

FROM base AS test
COPY --from=build /out/app /app
RUN go test ./...

FROM alpine:3.20 AS release
COPY --from=build /out/app /usr/bin/app
COPY --from=nginx:alpine /etc/nginx /etc/nginx
USER 1000
EXPOSE 8080
