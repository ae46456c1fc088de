# 3: dockerfile parse error on line 3: duplicate flag specified: --chown
FROM alpine
COPY --chown=a --chown=a b c
