# 3: dockerfile parse error on line 3: security "open" is not valid
FROM alpine
RUN --security=open a
