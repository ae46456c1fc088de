# 3: dockerfile parse error on line 3: invalid network mode "bridge"
FROM alpine
RUN --security=x --network=bridge a
