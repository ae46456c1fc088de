# 3: dockerfile parse error on line 3: SHELL requires the arguments to be in JSON form
FROM alpine
SHELL /bin/sh -c
