# 3: dockerfile parse error on line 3: Unknown type "PROBE" in HEALTHCHECK (try CMD)
FROM alpine
HEALTHCHECK --interval=x Probe x
