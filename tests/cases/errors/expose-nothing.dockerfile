# 3: dockerfile parse error on line 3: EXPOSE requires at least one argument
FROM alpine
EXPOSE
