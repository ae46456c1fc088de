# syntax=x
#escape = `  
  # check=skip=all
FROM alpine
# escape=\
RUN a`
 b
