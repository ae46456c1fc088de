# 3: dockerfile parse error on line 3: strconv.ParseInt: parsing "2147483648": value out of range
FROM alpine
HEALTHCHECK --retries=2147483648 CMD x
