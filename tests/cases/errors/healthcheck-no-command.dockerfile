# 3: dockerfile parse error on line 3: Missing command after HEALTHCHECK CMD
FROM alpine
HEALTHCHECK CMD []
