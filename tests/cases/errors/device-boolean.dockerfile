# 3: dockerfile parse error on line 3: invalid value for required: maybe
FROM alpine
RUN --device=required=maybe c
