FROM alpine
ENV a=1 b="x y" c='p q' d=e\ f g=
ENV legacy  the whole  rest
LABEL a.b=c "d e"=f
ARG one two=2 three="3 3"
ENV a=b\
 c=d
ENV empty="" quote=\"
