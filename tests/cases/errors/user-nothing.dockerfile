# 3: dockerfile parse error on line 3: USER requires exactly one argument
FROM alpine
USER --x
