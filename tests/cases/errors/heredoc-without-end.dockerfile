# 3-5: unterminated heredoc
FROM alpine
RUN <<EOF
EOF 
x
