# 2: dockerfile parse error on line 2: ARG names can not be blank
ARG a =b
FROM alpine
