# 3: dockerfile parse error on line 3: unknown instruction: RNU (did you mean RUN?)
FROM alpine
RNU true
