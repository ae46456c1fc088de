# 3-5: dockerfile parse error on line 3: COPY cannot accept a heredoc as a destination
FROM alpine
COPY a <<EOF
x
EOF
