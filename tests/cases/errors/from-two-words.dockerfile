# 2: dockerfile parse error on line 2: FROM requires either one or three arguments
FROM alpine as
