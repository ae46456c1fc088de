# 3: dockerfile parse error on line 3: unknown instruction: COPPY (did you mean COPY?)
FROM alpine
COPPY a b
