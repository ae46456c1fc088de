# 3: dockerfile parse error on line 3: unexpected key 'requird' in 'requird=1' (did you mean required?)
FROM alpine
RUN --device=a,requird=1 c
