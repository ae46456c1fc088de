# 3-4: Syntax error - can't find = in "\"b". Must be of the form: name=value
FROM alpine
ENV a=1 \
  "b
