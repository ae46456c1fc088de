# 2: dockerfile parse error on line 2: invalid name for build stage: "1st", name can't start with a number or contain symbols
FROM --what=1 alpine AS 1st
