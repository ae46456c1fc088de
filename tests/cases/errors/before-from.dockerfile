# 3: no build stage in current context
ARG a
RUN x
RUN y
FROM alpine
