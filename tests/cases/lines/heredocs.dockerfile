FROM alpine
RUN <<EOF
echo "$x" \
# not a comment
EOF
COPY <<one <<-'two' 3<<"th ree" file /to/
1
one
		2
	two
3
th ree
RUN cat <<< here && echo "<<quoted" '<<EOF' \<<NO
RUN ["cat", "<<EOF"]
LABEL a=<<EOF
ONBUILD COPY <<x /x
body
x
RUN << spaced cat
spaced
RUN <<- dashed
RUN true
