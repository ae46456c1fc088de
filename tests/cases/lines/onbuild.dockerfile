FROM alpine
ONBUILD RUN make
onbuild   copy --from=x ["a", "b"]
ONBUILD ENV a=1 b=2
ONBUILD HEALTHCHECK NONE
