# app is the product
# of this file

FROM alpine AS app
# gone with the bare one
#
# kept, though a blank line follows

  # an indented one keeps its mark
RUN true # no comment
# last words
