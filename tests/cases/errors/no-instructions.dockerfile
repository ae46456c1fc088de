# 3: file with no instructions

# more
