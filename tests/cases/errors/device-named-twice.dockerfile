# 3: dockerfile parse error on line 3: device name already set to a
FROM alpine
RUN --mount=from=$a,b --device=a,name=b c
