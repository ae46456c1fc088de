# 3: dockerfile parse error on line 3: 'from' doesn't support variable expansion, define alias stage instead
FROM alpine
RUN --network=x --mount=from=$a,target=/b c
