# 3: dockerfile parse error on line 3: failed to parse csv mounts: parse error on line 1, column 3: bare " in non-quoted-field
FROM alpine
RUN --mount=a=\"b c
