# 3: dockerfile parse error on line 3: --retries cannot be negative (-2)
FROM alpine
HEALTHCHECK --retries=-2 CMD x
