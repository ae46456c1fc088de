# 3: dockerfile parse error on line 3: unknown instruction: Rum (did you mean run?)
FROM alpine
Rum a
