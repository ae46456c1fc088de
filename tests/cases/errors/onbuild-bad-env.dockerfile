# 3: ENV must have two arguments
FROM alpine
ONBUILD ENV a
