FROM busybox
COPY --parents --exclude=*.md docs/./guide/*.txt lib/a /all/
