# 3: dockerfile parse error on line 3: FROM isn't allowed as an ONBUILD trigger
FROM alpine
ONBUILD from x
