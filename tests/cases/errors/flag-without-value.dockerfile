# 3: dockerfile parse error on line 3: missing a value on flag: --from
FROM alpine
COPY --from b c
