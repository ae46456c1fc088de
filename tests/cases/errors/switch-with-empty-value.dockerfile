# 3: dockerfile parse error on line 3: missing a value on flag: --link
FROM alpine
COPY --link= b c
