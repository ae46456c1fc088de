# Only what the last stage needs is built, each stage on its own base.
FROM golang:1.24 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -o /out/app

FROM alpine
COPY --from=build /out/app /usr/local/bin/
USER nobody
ENTRYPOINT ["app"]
