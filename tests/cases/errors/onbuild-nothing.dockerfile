# 3: dockerfile parse error on line 3: ONBUILD requires at least one argument
FROM alpine
ONBUILD
