# 3: dockerfile parse error on line 3: time: missing unit in duration "5"
FROM alpine
HEALTHCHECK --timeout=5 CMD x
