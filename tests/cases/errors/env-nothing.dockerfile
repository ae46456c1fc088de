# 3: dockerfile parse error on line 3: ENV requires at least one argument
FROM alpine
ENV
