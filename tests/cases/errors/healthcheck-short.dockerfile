# 3: dockerfile parse error on line 3: Interval "start-period" cannot be less than 1ms
FROM alpine
HEALTHCHECK --retries=x --start-period=1us CMD x
