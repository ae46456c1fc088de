# A heredoc is a script, a file to run, input of a command, or files to copy.
FROM busybox
ARG WHO=world
RUN <<EOF
echo one
echo two
EOF
RUN <<EOF
#!/bin/sh
echo "a file with an interpreter"
EOF
RUN cat <<A > /a && cat <<B > /b
one
A
two
B
COPY --chmod=600 <<hello.txt <<-'plain.txt' /greetings/
hello $WHO
hello.txt
	hello $WHO
plain.txt
