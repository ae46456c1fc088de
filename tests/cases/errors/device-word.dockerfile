# 3: dockerfile parse error on line 3: invalid field 'b' must be a key=value pair
FROM alpine
RUN --device=a,b c
