# 3: dockerfile parse error on line 3: ENV names can not be blank
FROM alpine
ENV a=1 =2
