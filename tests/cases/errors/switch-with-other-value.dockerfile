# 3: dockerfile parse error on line 3: expecting boolean value for flag --link, not: 1
FROM alpine
COPY --link=1 b c
