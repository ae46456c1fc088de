# 3: dockerfile parse error on line 3: unknown flag: --form (did you mean from?)
FROM alpine
COPY --form=a b c
