FROM alpine
RUN one && \
    # dropped
  # dropped too
    two \   
  && three

RUN not continued \\
RUN a triple is none either \\\
RUN \
  empty \

  line
\
LABEL a=1
RUN to the end \
