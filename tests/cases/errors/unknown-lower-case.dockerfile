# 2: dockerfile parse error on line 2: unknown instruction: form (did you mean from?)
form alpine
