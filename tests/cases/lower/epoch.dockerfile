#? option build-arg:SOURCE_DATE_EPOCH=1700000000
# Directories and history get the time that the user gave.
FROM scratch
WORKDIR /app
COPY . .
