#? context theme
#? context source
# A named context stands for a stage, for an image, or for the source of a COPY.
FROM busybox AS theme
RUN this never runs
FROM alpine
COPY --from=theme dark.css /css/
COPY --from=source src/ /src/
