# 4: ENV must have two arguments
FROM alpine
UNKNOWN
ENV a
