# 3: dockerfile parse error on line 3: COPY requires at least two arguments, but only one was provided. Destination could not be determined
FROM alpine
COPY --what=1 a
