# 3: dockerfile parse error on line 3: SHELL requires at least one argument
FROM alpine
SHELL []
