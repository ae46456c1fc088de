# 3: dockerfile parse error on line 3: failed to parse csv mounts: EOF
FROM alpine
RUN --mount= c
