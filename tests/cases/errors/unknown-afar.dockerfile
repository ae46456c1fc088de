# 3: dockerfile parse error on line 3: unknown instruction: INSTALL
FROM alpine
INSTALL a
