#? ignore node_modules
#? ignore *.log
# What the build reads of the context is all that is sent.
FROM busybox
COPY package.json ./
ADD ["dir with blanks", "/"]
