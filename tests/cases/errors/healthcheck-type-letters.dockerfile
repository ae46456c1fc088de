# 3: dockerfile parse error on line 3: Unknown type "ßX" in HEALTHCHECK (try CMD)
FROM scratch
HEALTHCHECK ßx y
